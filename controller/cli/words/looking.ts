import { type Command, Option } from 'commander';
import type { Context } from '../context.ts';
import { examples, output, publishedVerb, selector, wholeSeconds } from './options.ts';

/** What an operator published: for whoever looks, on call or not. */
export function addLooking(program: Command, context: Context): void {
  program.commandsGroup('Look at what an operator knows:');

  publishedVerb(program, 'get', 'what an operator published: devices, sessions, subnets, drift, plans and approvals, the Fleet')
    .argument('<kind>', 'devices, bgpsessions, dhcpsubnets, driftreports, changeplans, changeapprovals or fleets')
    .argument('[name...]', 'objects by name; default all')
    .addOption(selector())
    .addOption(output('text', 'wide', 'json', 'yaml'))
    .addHelpText(
      'after',
      examples(['plumb get devices', 'from plumb up on this machine'], ['plumb get drift -n network', 'from a cluster']),
    )
    .action(async (kind, names, options) => context.done(await (await import('../commands/get.ts')).get(kind, names, options, context)));

  publishedVerb(program, 'status', 'what needs a look: plans that wait, run or failed, holds, Unknown, drift')
    .argument('[site]', 'devices with this label site only')
    .addOption(output('text', 'json', 'yaml'))
    .addHelpText('after', examples(['plumb status', ''], ['plumb status fra', 'one site']))
    .action(async (site, options) => context.done(await (await import('../commands/status.ts')).status(site, options, context)));

  publishedVerb(program, 'history', 'what happened to a device: by us and by people')
    .argument('<device>', 'device by name')
    .option('--since <duration>', 'for example 2h')
    .addOption(output('text', 'json', 'yaml'))
    .addHelpText('after', examples(['plumb history edge1-fra --since 2h', '']))
    .action(async (device, options) => context.done(await (await import('../commands/history.ts')).history(device, options, context)));

  publishedVerb(program, 'events', 'what the operator told, the newest last')
    .argument('[name]', 'of one object only')
    .option('--since <duration>', 'for example 2h')
    .addOption(output('text', 'json', 'yaml'))
    .addHelpText('after', examples(['plumb events edge1-fra', '']))
    .action(async (name, options) => context.done(await (await import('../commands/events.ts')).events(name, options, context)));

  publishedVerb(program, 'logs', 'what the operator logged, as JSON lines')
    .argument('[device]', 'lines about one device only')
    .addOption(new Option('--tail <lines>', 'the last lines').argParser(wholeSeconds).default(100))
    .addHelpText('after', examples(['plumb logs edge1-fra', '']))
    .action(async (device, options) => context.done(await (await import('../commands/logs.ts')).logs(device, options, context)));
}
