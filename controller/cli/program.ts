import { Command, InvalidArgumentError, Option } from 'commander';
import { shells } from './completion.ts';
import type { Context } from './context.ts';
import { version } from './version.ts';

/**
 * The command tree. It holds words and options only: what a command does is loaded when it runs, so that `--help` and
 * completion start fast.
 */
export function buildProgram(context: Context): Command {
  const program = new Command('plumb')
    .description(
      'Git says what should be, the device says what is. plumb compares them, says which is wrong, and changes what policy allows.',
    )
    .version(`plumb ${version()}`, '-V, --version')
    .option('--no-color', 'no colours, also on a terminal')
    .showHelpAfterError('(plumb <command> --help shows examples)')
    .showSuggestionAfterError()
    .exitOverride()
    .addHelpText(
      'after',
      examples(
        ['plumb check', 'every mistake in the folder at once, with file:line:col'],
        ['plumb drift edge1-fra', 'what differs between Git and the router, and which of them moved'],
        ['plumb plan -l site=fra', 'what would be sent to the routers of a site, and the way back'],
        ['plumb apply edge1-fra', 'show the plan, ask, apply with a dead-man timer, read back, probe, confirm'],
      ) +
        '\nExit code: 0 nothing differs or all applied; 1 something differs, an error was found or nothing was applied; 2 anything is Unknown.\n',
    );

  verb('check', 'find every mistake in the desired state')
    .argument('[folder]', 'folder with the desired state, in place of --source')
    .option('--since <revision>', 'also find what may not change since that revision: ids of DHCP subnets')
    .option('--all', 'also run the RouteTests, as plumb test does')
    .addOption(output('text', 'json', 'yaml'))
    .addHelpText(
      'after',
      examples(
        ['plumb check', 'the folder you are in'],
        ['plumb check --rev origin/main', 'a revision, read from Git objects'],
        ['plumb check --all', 'and the RouteTests'],
        ['plumb check --since origin/main', 'of a pull request, beside what it changes'],
        ['plumb check -o json', 'for an editor or CI'],
      ),
    )
    .action(async (folder, options) =>
      context.done(await (await import('./commands/check.ts')).check({ ...options, ...(folder !== undefined && { folder }) }, context)),
    );

  verb('test', 'put routes through every policy, and say which RouteTest does not hold')
    .argument('[test...]', 'RouteTests by name; default all')
    .addOption(output('text', 'json', 'yaml'))
    .addHelpText('after', examples(['plumb test', 'the folder you are in'], ['plumb check --all', 'every mistake beside it']))
    .action(async (tests, options) => context.done(await (await import('./commands/test.ts')).test(tests, options, context)));

  verb('render', 'print the configuration that Git wants')
    .argument('[device...]', 'devices by name; default all')
    .addOption(selector())
    .addOption(output('text', 'json', 'yaml'))
    .option('--markers', 'keep the comments that say which object owns a line')
    .option('--intent', 'print what templates are given instead: every name that they may use')
    .addHelpText(
      'after',
      examples(
        ['plumb render edge1-fra', 'secrets stand as <secret:…>; values are never shown'],
        ['plumb render edge1-fra --intent', 'for whoever writes a template'],
      ),
    )
    .action(async (devices, options) => context.done(await (await import('./commands/render.ts')).render(devices, options, context)));

  const plan = fleetVerb('plan', 'show what would change, and the way back')
    .argument('[device...]', 'devices by name; default all')
    .addOption(selector())
    .addOption(output('text', 'json', 'yaml', 'markdown'))
    .option('--base <rev>', 'compare two revisions without touching a device: from this one to the source')
    .option('--rib <file...>', 'with --base: tables of routers (show bgp ipv4 unicast json detail), to see what becomes of received routes')
    .option('--out <file>', 'also write the plan to a file for plumb apply --plan')
    .option('--device <name...>', 'devices by name too: for one that is called like a command, show')
    .helpCommand(false)
    .addHelpText(
      'after',
      examples(
        ['plumb plan', 'from what the devices hold now'],
        ['plumb plan --base origin/main -o markdown', 'a pull request, without devices'],
        ['plumb plan --out plan.json', 'then: plumb apply --plan plan.json'],
      ),
    )
    .action(async (devices, options) =>
      context.done(await (await import('./commands/plan.ts')).plan([...devices, ...(options.device ?? [])], options, context)),
    );

  publishedVerb('show', 'all of a ChangePlan: every command and way back, who said what, how far it is', plan)
    .argument('<plan>', 'ChangePlan by name')
    .addOption(output('text', 'json', 'yaml', 'markdown'))
    .addHelpText(
      'after',
      examples(
        ['plumb plan show plan-4f2a91c07be3 -n network', ''],
        ['plumb plan show plan-4f2a91c07be3 -o markdown', 'for a ticket'],
        ['plumb plan --device show', 'a device that is called show'],
      ),
    )
    .action(async (name, _options, command) =>
      context.done(await (await import('./commands/plan-show.ts')).showPlan(name, command, context)),
    );

  fleetVerb('drift', 'compare Git with the devices')
    .argument('[device...]', 'devices by name; default all')
    .addOption(selector())
    .addOption(output('text', 'json', 'yaml', 'markdown'))
    .addHelpText(
      'after',
      examples(
        ['plumb drift', 'all devices'],
        ['plumb drift -l site=lon -o json', 'for a script; exit code 2 when any device could not be read'],
      ),
    )
    .action(async (devices, options) => context.done(await (await import('./commands/drift.ts')).drift(devices, options, context)));

  clusterOptions(fleetVerb('apply', 'change devices as Git says: with a way back, read back and probed'))
    .argument('[device...]', 'devices by name; default all')
    .addOption(selector())
    .option('--plan <file>', 'apply this plan; refused when its effect is not the same any more')
    .option('--yes', 'approve without a question, for scripts')
    .option('--allow-removals', 'go on when more is removed than the guard lets pass')
    .option('--accept-unsaved', 'go on when the running config differs from the one a reboot would load')
    .option('--may-lose-routes <neighbor...>', 'neighbors whose routes may all go, when that is what the change is for')
    .option('--retry', 'try an effect again that failed and was rolled back')
    .option('--break-glass', 'in an emergency, past the operator and closed windows; needs --reason')
    .option('--reason <text>', 'why the glass is broken: kept on the router, in the history, and told by the operator')
    .addOption(
      new Option(
        '--deadline <seconds>',
        'how long the router waits for the confirmation before it restores itself (default: 120, more for long plans)',
      ).argParser(wholeSeconds),
    )
    .addHelpText(
      'after',
      examples(
        ['plumb apply edge1-fra', 'shows the plan and asks; where an operator writes, it does'],
        ['plumb apply edge1-fra -n network', 'in a cluster: its ChangePlan is shown, approved and followed'],
        ['plumb apply -l site=fra --yes', 'in a script'],
      ),
    )
    .action(async (devices, options) => context.done(await (await import('./commands/apply.ts')).apply(devices, options, context)));

  clusterOptions(fleetVerb('adopt', 'take what the devices hold now as the baseline; writes nothing to a device'))
    .argument('<device...>', 'devices by name')
    .option('--yes', 'without a question, for scripts')
    .addHelpText(
      'after',
      examples(
        ['plumb adopt edge1-fra', 'first contact, or the way out of Diverged: afterwards Git wins'],
        ['plumb adopt edge1-fra -n network', 'in a cluster: the operator is asked'],
      ),
    )
    .action(async (devices, options) => context.done(await (await import('./commands/adopt.ts')).adopt(devices, options, context)));

  clusterOptions(fleetVerb('why', 'everything known about one device: each value, who is wrong, since when, what is safe'))
    .argument('<device>', 'device by name')
    .addOption(output('text', 'json', 'yaml'))
    .addHelpText(
      'after',
      examples(
        ['plumb why edge1-fra', 'what an operator knows; without one the device is read now'],
        ['plumb why edge1-fra -s .', 'read it now'],
      ),
    )
    .action(async (device, options) => context.done(await (await import('./commands/why.ts')).why(device, options, context)));

  fleetOptions(program.command('up'))
    .summary('watch a network from this machine: Git, devices, drift, until Ctrl-C')
    .description(
      'Watch a network from this machine: follow Git, read every device, say what differs, until Ctrl-C. Writes nothing to a device unless --ceiling allows it.',
    )
    .argument('<place>', 'folder with the desired state, or the https:// or ssh:// address of its repository')
    .option('--branch <name>', 'branch to follow (default: main)')
    .option('--path <folder>', 'folder of the desired state inside the repository')
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
    .action(async (place, options) => context.done(await (await import('./commands/up.ts')).up(place, options, context)));

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
    .action(async (options) => context.done(await (await import('./commands/operator.ts')).operator(options, context)));

  publishedVerb('get', 'what an operator published: devices, sessions, subnets, drift, plans and approvals, the Fleet')
    .argument('<kind>', 'devices, bgpsessions, dhcpsubnets, driftreports, changeplans, changeapprovals or fleets')
    .argument('[name...]', 'objects by name; default all')
    .addOption(selector())
    .addOption(output('text', 'wide', 'json', 'yaml'))
    .addHelpText(
      'after',
      examples(['plumb get devices', 'from plumb up on this machine'], ['plumb get drift -n network', 'from a cluster']),
    )
    .action(async (kind, names, options) => context.done(await (await import('./commands/get.ts')).get(kind, names, options, context)));

  publishedVerb('status', 'what needs a look: plans that wait, run or failed, holds, Unknown, drift')
    .argument('[site]', 'devices with this label site only')
    .addOption(output('text', 'json', 'yaml'))
    .addHelpText('after', examples(['plumb status', ''], ['plumb status fra', 'one site']))
    .action(async (site, options) => context.done(await (await import('./commands/status.ts')).status(site, options, context)));

  publishedVerb('history', 'what happened to a device: by us and by people')
    .argument('<device>', 'device by name')
    .option('--since <duration>', 'for example 2h')
    .addOption(output('text', 'json', 'yaml'))
    .addHelpText('after', examples(['plumb history edge1-fra --since 2h', '']))
    .action(async (device, options) => context.done(await (await import('./commands/history.ts')).history(device, options, context)));

  publishedVerb('events', 'what the operator told, the newest last')
    .argument('[name]', 'of one object only')
    .option('--since <duration>', 'for example 2h')
    .addOption(output('text', 'json', 'yaml'))
    .addHelpText('after', examples(['plumb events edge1-fra', '']))
    .action(async (name, options) => context.done(await (await import('./commands/events.ts')).events(name, options, context)));

  publishedVerb('logs', 'what the operator logged, as JSON lines')
    .argument('[device]', 'lines about one device only')
    .addOption(new Option('--tail <lines>', 'the last lines').argParser(wholeSeconds).default(100))
    .addHelpText('after', examples(['plumb logs edge1-fra', '']))
    .action(async (device, options) => context.done(await (await import('./commands/logs.ts')).logs(device, options, context)));

  waitingVerb('reconcile', 'look now: at devices, or at the source when none is named')
    .argument('[device...]', 'devices by name')
    .option('--release', 'let the devices go that the newest revision no longer has')
    .addHelpText('after', examples(['plumb reconcile --wait', 'fetch now'], ['plumb reconcile edge1-fra --wait', 'read one device now']))
    .action(async (devices, options) => context.done(await (await import('./commands/requests.ts')).reconcile(devices, options, context)));

  publishedVerb('suspend', 'stop fetching and reading, for the whole Fleet')
    .addHelpText('after', examples(['plumb suspend', 'plumb unsuspend ends it']))
    .action(async (options) => context.done(await (await import('./commands/requests.ts')).setSuspended(true, options, context)));

  publishedVerb('unsuspend', 'go on after suspend')
    .addHelpText('after', examples(['plumb unsuspend', '']))
    .action(async (options) => context.done(await (await import('./commands/requests.ts')).setSuspended(false, options, context)));

  answerVerb('approve', 'say yes to a ChangePlan: it begins when the rules of the Fleet are met')
    .option('--reason <text>', 'why, for whoever reads it later')
    .option('--override-windows', 'begin outside of change windows and in a freeze; needs --reason')
    .addHelpText(
      'after',
      examples(
        ['plumb approve plan-4f2a91c07be3 -n network', 'shows what would be done, and asks'],
        ['plumb approve plan-4f2a91c07be3 --group 9c1d', 'one of its changes only'],
      ),
    )
    .action(async (plan, options) => context.done(await (await import('./commands/approve.ts')).approve(plan, options, context)));

  answerVerb('reject', 'say no to a ChangePlan: nothing of it begins any more')
    .requiredOption('--reason <text>', 'why, for whoever wrote it')
    .addHelpText('after', examples(['plumb reject plan-4f2a91c07be3 --reason "wrong site"', '']))
    .action(async (plan, options) => context.done(await (await import('./commands/approve.ts')).reject(plan, options, context)));

  waitingVerb('rollback', 'take back what a ChangePlan confirmed, by a plan of its own; its devices stay so until Git agrees')
    .argument('<plan>', 'ChangePlan by name')
    .requiredOption('--reason <text>', 'why, for whoever approves it')
    .addHelpText('after', examples(['plumb rollback plan-4f2a91c07be3 --reason "more latency than before" --wait', '']))
    .action(async (name, options) => context.done(await (await import('./commands/rollback.ts')).rollback(name, options, context)));

  for (const [verbName, ask, about] of [
    ['pause', 'Pause', 'let nothing further of a ChangePlan begin; what runs ends'],
    ['continue', 'Continue', 'go on with a paused ChangePlan, or let one that was stopped before it began be proposed again'],
    ['stop', 'Stop', 'end a ChangePlan: nothing further begins, what runs ends, what was confirmed stays'],
  ] as const) {
    waitingVerb(verbName, about)
      .argument('<plan>', 'ChangePlan by name')
      .option('--reason <text>', 'why, for whoever reads it later')
      .addHelpText('after', examples([`plumb ${verbName} plan-4f2a91c07be3 --reason "case 4711" --wait`, '']))
      .action(async (name, options) => context.done(await (await import('./commands/steer.ts')).steer(ask, name, options, context)));
  }

  manyVerb('hold', 'keep devices as they are: read and reported, never written')
    .requiredOption('--reason <text>', 'why, for whoever finds it')
    .option('--for <duration>', 'how long, for example 2h (default: until plumb resume)')
    .option('--by <name>', 'who (default: you)')
    .addHelpText(
      'after',
      examples(
        ['plumb hold edge1-fra --reason "case 4711" --for 2h', ''],
        ['plumb hold -l site=fra --reason "fibre work"', 'a whole site'],
      ),
    )
    .action(async (devices, options) => context.done(await (await import('./commands/requests.ts')).hold(devices, options, context)));

  manyVerb('resume', 'end a hold, also one for a change that somebody made on the device')
    .addHelpText('after', examples(['plumb resume edge1-fra', ''], ['plumb resume --all', 'whatever is held']))
    .action(async (devices, options) => context.done(await (await import('./commands/requests.ts')).resume(devices, options, context)));

  publishedVerb('ack', 'say that somebody looks after what differs: no alert until it changes or the time is over')
    .argument('<device>', 'device by name')
    .requiredOption('--reason <text>', 'why it stands as it is')
    .option('--for <duration>', 'how long', '24h')
    .option('--owner <name>', 'who looks after it (default: you)')
    .addHelpText('after', examples(['plumb ack edge1-fra --reason "moved on Friday" --for 3d', '']))
    .action(async (device, options) => context.done(await (await import('./commands/requests.ts')).ack(device, options, context)));

  const importing = program.command('import').summary('desired state from what is there').description('Desired state from what is there.');
  fleetOptions(
    importing
      .command('device')
      .summary('YAML for routers, from their configurations, that gives back each with no difference')
      .description(
        'Write YAML for routers from their configurations: kinds where they fit, raw sections for the rest. What is written gives back each configuration with no difference, or nothing is written.',
      )
      .argument('[file...]', 'files with running configurations, one router or DHCP server each')
      .addOption(new Option('-s, --source <folder>', 'folder with the desired state to add to; may be empty or new').default('.'))
      .requiredOption('--platform <name>', 'whose language it is: frr, kea-dhcp4, kea-dhcp6, or kea for both daemons', 'frr')
      .option('--name <name>', 'name of the Device (default: its hostname, else the name of the file)')
      .option('--live <address>', 'read the router itself, with the account that only reads')
      .addOption(new Option('--port <number>', 'TCP port of SSH, with --live').argParser(portNumber).default(22))
      .option('--host-key <fingerprint...>', 'SSH host keys of the router, SHA256:…, with --live')
      .option('--credentials <name>', 'secret with the account that only reads (default: routers-observe; for Kea kea-observe)')
      .option('--secrets-out <folder>', 'also write the secrets found in files, as --secrets reads them')
      .option('--dry-run', 'say what would be written, and write nothing')
      .addOption(output('text', 'json', 'yaml')),
  )
    .addHelpText(
      'after',
      examples(
        ['plumb import device r1.conf r2.conf', 'sessions between them become one object each'],
        ['plumb import device --live 10.255.0.1 --name edge1-fra', 'says which host key was shown, for --host-key'],
        ['plumb import device r1.conf --secrets-out ./secrets', 'then: plumb plan --secrets ./secrets'],
        ['plumb import device --platform kea kea-dhcp4.conf kea-dhcp6.conf --name dhcp1-fra', 'both daemons of one server'],
      ),
    )
    .action(async (files, options) => context.done(await (await import('./commands/import.ts')).importDevice(files, options, context)));
  netboxOptions(
    importing
      .command('netbox')
      .summary('YAML for the devices that NetBox records')
      .description(
        'Write YAML for the devices that NetBox records: it passes plumb check, and NetBox says nothing else; what does not fit is left out and said.',
      )
      .addOption(new Option('-s, --source <folder>', 'folder with the desired state to add to; may be empty or new').default('.'))
      .option('--site <slug...>', 'devices of these sites only')
      .option('--platform <name>', 'platform of devices that have none in NetBox')
      .option('--credentials <name>', 'secret with the account that only reads', 'routers-observe')
      .option('--dry-run', 'say what would be written, and write nothing')
      .addOption(output('text', 'json', 'yaml')),
  )
    .addHelpText(
      'after',
      examples(['plumb import netbox --site fra', 'devices/NAME.yaml for each; lifecycle is Planned until Git knows how it is reached']),
    )
    .action(async (options) => context.done(await (await import('./commands/import-netbox.ts')).importFromNetBox(options, context)));

  const config = program
    .command('config')
    .summary('the config engine on two files, without a device')
    .description('The config engine on two files, without a device.');
  for (const [name, about] of [
    ['diff', 'what differs between two configurations, item by item'],
    ['patch', 'ordered commands that lead from the first to the second'],
  ] as const) {
    const command = config
      .command(name)
      .summary(about)
      .description(`${capitalize(about)}.`)
      .argument('[live]', 'file with the running configuration')
      .argument('[intended]', 'file with the intended configuration')
      .requiredOption('--platform <name>', 'whose language it is, for example frr', 'frr')
      .addOption(output('text', 'json'))
      .option('--batch', 'read cases as JSON Lines from standard input, answer one JSON line each');
    if (name === 'patch') command.option('--rollback', 'the commands that lead back');
    command
      .addHelpText(
        'after',
        examples([`plumb config ${name} --platform frr running.conf wanted.conf`, name === 'patch' ? 'text that vtysh -f takes' : '']),
      )
      .action(async (live, intended, options) =>
        context.done(await (await import('./commands/config.ts')).config(name, live, intended, options, context)),
      );
  }

  const netbox = program
    .command('netbox')
    .summary('NetBox beside Git and the devices')
    .description('NetBox beside Git and the devices: which of the three is wrong.');
  netboxVerb('diff', 'what NetBox records, and Git and the devices say otherwise')
    .addOption(output('text', 'json', 'yaml'))
    .addHelpText(
      'after',
      examples(
        ['plumb netbox diff', 'all devices; the address and token in PLUMB_NETBOX_URL and PLUMB_NETBOX_TOKEN'],
        ['plumb netbox diff -l site=fra --offline', 'without asking devices: where they would tell, it is Unknown'],
      ),
    )
    .action(async (devices, options) => context.done(await (await import('./commands/netbox.ts')).diff(devices, options, context)));
  netboxVerb('record', 'write into NetBox where it is behind Git and the devices: shown first, sparse, nothing that somebody else settles')
    .option('--yes', 'write without a question, for scripts')
    .option('--delete', 'also delete what Plumbline made and Git no longer lists')
    .option('--allow-removals', 'delete more of it than the guard lets pass')
    .addOption(output('text', 'json', 'yaml'))
    .addHelpText(
      'after',
      examples(
        ['plumb netbox record edge1-fra', 'show what would be written, ask, write, hold the answer against it'],
        ['plumb netbox record -l site=fra --yes -o json', 'for a script'],
      ),
    )
    .action(async (devices, options) => context.done(await (await import('./commands/netbox.ts')).record(devices, options, context)));

  program
    .command('schema')
    .summary('JSON Schema of every kind, for editors')
    .description('Print the JSON Schema of every kind, for editors.')
    .addHelpText(
      'after',
      examples([
        'plumb schema > plumbline.schema.json',
        'then, on the first line of a YAML file: # yaml-language-server: $schema=plumbline.schema.json',
      ]),
    )
    .action(async () => context.done(await (await import('./commands/schema.ts')).schema(context)));

  program
    .command('completion')
    .summary('completion script for a shell')
    .description('Print a completion script.')
    .argument('<shell>', shells.join(', '), (value) => {
      const shell = shells.find((known) => known === value);
      if (!shell) throw new InvalidArgumentError(`write one of ${shells.join(', ')}`);
      return shell;
    })
    .addHelpText('after', examples(['source <(plumb completion bash)', '']))
    .action(async (shell) => context.terminal.write((await import('./completion.ts')).printCompletion(program, shell)));

  function netboxVerb(name: string, about: string): Command {
    return netboxOptions(fleetOptions(verb(name, about, netbox)))
      .argument('[device...]', 'devices by name; default all')
      .addOption(selector())
      .option('--offline', 'do not ask the devices');
  }

  function netboxOptions(command: Command): Command {
    return command
      .addOption(new Option('--netbox <url>', 'address of NetBox, as people open it').env('PLUMB_NETBOX_URL'))
      .option('--netbox-ca <file>', 'PEM of the authority that signed its certificate, when it is a private one');
  }

  function verb(name: string, about: string, parent: Command = program): Command {
    return parent
      .command(name)
      .summary(about)
      .description(`${capitalize(about)}.`)
      .addOption(new Option('-s, --source <folder>', 'folder with the desired state; what stands above it is not read').default('.'))
      .option('--rev <revision>', 'read a Git revision instead of the files as they are');
  }

  function publishedVerb(name: string, about: string, parent: Command = program): Command {
    return clusterOptions(
      parent
        .command(name)
        .summary(about)
        .description(`${capitalize(about)}.`)
        .addOption(new Option('--store <folder>', 'store of plumb up on this machine').env('PLUMB_STORE')),
    );
  }

  function manyVerb(name: string, about: string): Command {
    return publishedVerb(name, about).argument('[device...]', 'devices by name').addOption(selector()).option('--all', 'every device');
  }

  function answerVerb(name: string, about: string): Command {
    return publishedVerb(name, about)
      .argument('<plan>', 'ChangePlan by name')
      .option('--group <digest...>', 'changes by the first digits of their effect (default: all that are shown)')
      .option('--expires <duration>', 'how long it holds, for example 24h (default: as the Fleet says)')
      .option('--yes', 'without a question, for scripts');
  }

  function clusterOptions(command: Command): Command {
    return command
      .option('-n, --namespace <name>', 'look into this namespace of a cluster')
      .option('--kubeconfig <file>', 'which cluster (default: as kubectl)')
      .option('--context <name>', 'context of the kubeconfig')
      .option('--artifact-namespace <name>', 'namespace of what the operator keeps', 'plumbline-artifacts');
  }

  function waitingVerb(name: string, about: string): Command {
    return publishedVerb(name, about)
      .option('--wait', 'until the operator has answered')
      .addOption(new Option('--wait-seconds <seconds>', 'limit for --wait').argParser(wholeSeconds).default(120));
  }

  function fleetVerb(name: string, about: string): Command {
    return fleetOptions(verb(name, about));
  }

  function fleetOptions(command: Command): Command {
    return command
      .addOption(new Option('--store <folder>', 'where baselines, plans and journals are kept').env('PLUMB_STORE'))
      .addOption(new Option('--secrets <folder>', 'secrets as DIR/<name>/<key>, beside the environment').env('PLUMB_SECRETS'))
      .addOption(new Option('--version-key <file>', 'key of secret versions, when several machines share one').env('PLUMB_VERSION_KEY'))
      .addOption(new Option('--timeout <seconds>', 'limit for reading one device').argParser(wholeFrom(1, 3600)).default(60));
  }

  return program;
}

function output(...formats: string[]): Option {
  return new Option('-o, --output <format>', 'how to print').choices(formats).default(formats[0]);
}

function selector(): Option {
  return new Option('-l, --selector <labels>', 'devices by label, for example site=fra,role=edge');
}

function wholeSeconds(value: string): number {
  return wholeFrom(1)(value);
}

/** The bounds of the Fleet's field, where it becomes one: a mistake is said before anything starts. */
function wholeFrom(least: number, most = 86_400): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (!Number.isInteger(number) || number < least || number > most)
      throw new InvalidArgumentError(`write a whole number, ${least} to ${most}`);
    return number;
  };
}

function wholeMegabytes(value: string): number {
  const megabytes = Number(value);
  if (!Number.isInteger(megabytes) || megabytes < 1 || megabytes > 2 ** 20)
    throw new InvalidArgumentError(`write whole megabytes, 1 to ${2 ** 20}`);
  return megabytes;
}

function portNumber(value: string): number {
  const port = Number(value);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new InvalidArgumentError('write a port, 0 to 65535');
  return port;
}

function examples(...rows: [command: string, about: string][]): string {
  return `\nExamples:\n${rows.map(([command, about]) => `  ${about ? `${command.padEnd(44)}  ${about}` : command}\n`).join('')}`;
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
