import { type Command, Option } from 'commander';
import type { Context } from '../context.ts';
import {
  clusterOptions,
  commentBytes,
  examples,
  fleetVerb,
  netboxOptions,
  netboxVerb,
  output,
  publishedVerb,
  selector,
  wholeSeconds,
} from './options.ts';

/** From this machine to the devices: what differs, what would be sent, sending it. */
export function addDevices(program: Command, context: Context): void {
  program.commandsGroup('Devices:');

  const plan = fleetVerb(program, 'plan', 'show what would change, and the way back')
    .argument('[device...]', 'devices by name; default all')
    .addOption(selector())
    .addOption(output('text', 'json', 'yaml', 'markdown'))
    .option('--base <rev>', 'compare two revisions without touching a device: from this one to the source')
    .option('--live-from <place>', 'from reads that plumb drift --save wrote, a file or an https address: no device is asked')
    .option('--rib <file...>', 'with --base: tables of routers (show bgp ipv4 unicast json detail), to see what becomes of received routes')
    .option('--out <file>', 'also write the plan to a file for plumb apply --plan')
    .addOption(
      new Option(
        '--limit <bytes>',
        'with -o markdown: no longer than a comment may be, what matters least left out and said: github, gitlab or bytes',
      ).argParser(commentBytes),
    )
    .option('--details <address>', 'with --limit: where all of it is, for whoever reads the short one')
    .option('--device <name...>', 'devices by name too: for one that is called like a command, show')
    .helpCommand(false)
    .addHelpText(
      'after',
      examples(
        ['plumb plan', 'from what the devices hold now'],
        ['plumb plan --base origin/main -o markdown --limit github', 'a pull request, without devices'],
        ['plumb plan --live-from reads.json', 'from what the devices held when it was saved'],
        ['plumb plan --out plan.json', 'then: plumb apply --plan plan.json'],
      ),
    )
    .action(async (devices, options) =>
      context.done(await (await import('../commands/plan.ts')).plan([...devices, ...(options.device ?? [])], options, context)),
    );

  publishedVerb(plan, 'show', 'all of a ChangePlan: every command and way back, who said what, how far it is')
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
      context.done(await (await import('../commands/plan-show.ts')).showPlan(name, command, context)),
    );

  fleetVerb(program, 'drift', 'compare Git with the devices')
    .argument('[device...]', 'devices by name; default all')
    .addOption(selector())
    .addOption(output('text', 'json', 'yaml', 'markdown'))
    .option('--save <file>', 'also write what was read, without secrets, for plumb plan --live-from')
    .addHelpText(
      'after',
      examples(
        ['plumb drift', 'all devices'],
        ['plumb drift -l site=lon -o json', 'for a script; exit code 2 when any device could not be read'],
      ),
    )
    .action(async (devices, options) => context.done(await (await import('../commands/drift.ts')).drift(devices, options, context)));

  clusterOptions(fleetVerb(program, 'apply', 'change devices as Git says: with a way back, read back and probed'))
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
    .action(async (devices, options) => context.done(await (await import('../commands/apply.ts')).apply(devices, options, context)));

  clusterOptions(fleetVerb(program, 'adopt', 'take what the devices hold now as the baseline; writes nothing to a device'))
    .argument('<device...>', 'devices by name')
    .option('--yes', 'without a question, for scripts')
    .addHelpText(
      'after',
      examples(
        ['plumb adopt edge1-fra', 'first contact, or the way out of Diverged: afterwards Git wins'],
        ['plumb adopt edge1-fra -n network', 'in a cluster: the operator is asked'],
      ),
    )
    .action(async (devices, options) => context.done(await (await import('../commands/adopt.ts')).adopt(devices, options, context)));

  netboxOptions(
    fleetVerb(program, 'capture', 'write what was changed on devices into the files of Git, for a pull request; nothing is sent anywhere'),
  )
    .argument('[device...]', 'devices by name; default all')
    .addOption(selector())
    .addOption(new Option('--from <place>', 'whose word is written').choices(['device', 'netbox']).default('device'))
    .option('--news', 'also what is new on a device since it was adopted, and claimed by nobody')
    .option('--dry-run', 'show what would be written, and write nothing')
    .addOption(output('text', 'json', 'yaml'))
    .addHelpText(
      'after',
      examples(
        ['plumb capture edge1-fra --dry-run', 'what the files would become'],
        ['plumb capture edge1-fra', 'then: git diff, plumb plan, a pull request'],
        ['plumb capture --from netbox', 'what somebody changed on a device and recorded in NetBox'],
      ),
    )
    .action(async (devices, options) => context.done(await (await import('../commands/capture.ts')).capture(devices, options, context)));

  clusterOptions(fleetVerb(program, 'why', 'everything known about one device: each value, who is wrong, since when, what is safe'))
    .argument('<device>', 'device by name')
    .addOption(output('text', 'json', 'yaml'))
    .addHelpText(
      'after',
      examples(
        ['plumb why edge1-fra', 'what an operator knows; without one the device is read now'],
        ['plumb why edge1-fra -s .', 'read it now'],
      ),
    )
    .action(async (device, options) => context.done(await (await import('../commands/why.ts')).why(device, options, context)));

  const netbox = program
    .command('netbox')
    .summary('NetBox beside Git and the devices')
    .description('NetBox beside Git and the devices: which of the three is wrong.');
  netboxVerb(netbox, 'diff', 'what NetBox records, and Git and the devices say otherwise')
    .addOption(output('text', 'json', 'yaml'))
    .addHelpText(
      'after',
      examples(
        ['plumb netbox diff', 'all devices; the address and token in PLUMB_NETBOX_URL and PLUMB_NETBOX_TOKEN'],
        ['plumb netbox diff -l site=fra --offline', 'without asking devices: where they would tell, it is Unknown'],
      ),
    )
    .action(async (devices, options) => context.done(await (await import('../commands/netbox.ts')).diff(devices, options, context)));
  netboxVerb(
    netbox,
    'record',
    'write into NetBox where it is behind Git and the devices: shown first, sparse, nothing that somebody else settles',
  )
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
    .action(async (devices, options) => context.done(await (await import('../commands/netbox.ts')).record(devices, options, context)));
}
