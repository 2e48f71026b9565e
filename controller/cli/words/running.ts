import { type Command, Option } from 'commander';
import type { Context } from '../context.ts';
import { examples, fleetOptions, portNumber, wholeFrom, wholeMegabytes, wholeSeconds } from './options.ts';

/** What keeps running: on one machine, or in a cluster. */
export function addRunning(program: Command, context: Context): void {
  program.commandsGroup('An operator:');

  fleetOptions(program.command('up'))
    .summary('watch a network from this machine: Git, devices, drift, until Ctrl-C')
    .description(
      'Watch a network from this machine: follow Git, read every device, say what differs, until Ctrl-C. Writes nothing to a device unless --ceiling allows it.',
    )
    .argument('<place>', 'folder with the desired state, or the https:// or ssh:// address of its repository')
    .option('--branch <name>', 'branch to follow (default: main)')
    .option('--path <folder>', 'folder of the desired state inside the repository or folder')
    .option('--git-secret <name>', 'secret with the login of the repository')
    .option('--webhook-secret <name>', 'secret with the token of a webhook; its path is in the status of the Fleet')
    .addOption(new Option('--interval <seconds>', 'how often each device is read').argParser(wholeSeconds).default(300))
    .addOption(new Option('--git-interval <seconds>', 'how often Git is asked').argParser(wholeFrom(5)).default(60))
    .addOption(
      new Option('--port <number>', 'port for metrics and health on loopback; 0 takes a free one').argParser(portNumber).default(9440),
    )
    .addOption(
      new Option('--ceiling <mode>', 'the highest mode that a policy in Git can ask for')
        .choices(['Report', 'Approve', 'Enforce'])
        .default('Report'),
    )
    .option('--fleet <file>', 'YAML of the Fleet: who approves, what may be done at once, freezes; the command line outranks it')
    .option('--once', 'end when every device was looked at once')
    .addHelpText(
      'after',
      examples(
        ['plumb up . --ceiling Approve', 'then: plumb plan show, plumb approve'],
        ['plumb up .', 'then, in another terminal: plumb get devices'],
        ['plumb up ssh://git@git.example.net/net.git', 'with --git-secret for its key and known hosts'],
      ),
    )
    .action(async (place, options) => context.done(await (await import('../commands/up.ts')).up(place, options, context)));

  program
    .command('operator')
    .summary('run as the operator of a cluster: what the chart starts')
    .description(
      'Run as the operator of a cluster: what the chart starts. One of all replicas leads. Writes to devices what policy and people allow.',
    )
    .option('-n, --namespace <name>', 'namespace of the Fleet (default: that of the kubeconfig or the pod)')
    .option('--kubeconfig <file>', 'which cluster (default: that of the pod, or as kubectl)')
    .option('--context <name>', 'context of the kubeconfig')
    .option('--artifact-namespace <name>', 'namespace of what only the operator reads', 'plumbline-artifacts')
    .option('--artifacts <folder>', 'full reports and baselines on a volume that all replicas share (default: Secrets of that namespace)')
    .addOption(new Option('--artifact-limit <megabytes>', 'what they may take in all').argParser(wholeMegabytes).default(256))
    .option('-l, --selector <labels>', 'only devices with these labels: a region with an operator of its own')
    .addOption(new Option('--secrets <folder>', 'secrets as DIR/<name>/<key>').env('PLUMB_SECRETS'))
    .option('--allow-local', 'also take file:// sources: a repository on a volume of the pod')
    .option('--cache <folder>', 'folder for mirrors of repositories; may be lost', '/tmp/plumbline')
    .option('--host <address>', 'where metrics and health listen', '0.0.0.0')
    .addOption(new Option('--port <number>', 'port for metrics and health').argParser(portNumber).default(9440))
    .addOption(
      new Option('--workers <count>', 'most devices looked at together, whatever the Fleet says').argParser(wholeSeconds).default(64),
    )
    .addHelpText('after', examples(['plumb operator -n network', '']))
    .action(async (options) => context.done(await (await import('../commands/operator.ts')).operator(options, context)));
}
