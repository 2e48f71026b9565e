import { type Command, Option } from 'commander';
import type { Context } from '../context.ts';
import { capitalize, examples, fleetOptions, netboxOptions, output, portNumber, selector, verb } from './options.ts';

/** For whoever writes the desired state: no device is asked, but for `import device --live`. */
export function addDesiredState(program: Command, context: Context): void {
  program.commandsGroup('The desired state:');

  verb(program, 'check', 'find every mistake in the desired state')
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
      context.done(await (await import('../commands/check.ts')).check({ ...options, ...(folder !== undefined && { folder }) }, context)),
    );

  verb(program, 'test', 'put routes through every policy, and say which RouteTest does not hold')
    .argument('[test...]', 'RouteTests by name; default all')
    .addOption(output('text', 'json', 'yaml'))
    .addHelpText('after', examples(['plumb test', 'the folder you are in'], ['plumb check --all', 'every mistake beside it']))
    .action(async (tests, options) => context.done(await (await import('../commands/test.ts')).test(tests, options, context)));

  verb(program, 'render', 'print the configuration that Git wants')
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
    .action(async (devices, options) => context.done(await (await import('../commands/render.ts')).render(devices, options, context)));

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
      .option('--live <address...>', 'read the router itself, with the account that only reads; a URL leads to the API of a DHCP server')
      .option('--direct', 'the URL is that of the DHCP server itself (Kea 2.7.2 and newer), not of the control agent')
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
        ['plumb import device --platform kea-dhcp4 --live https://192.0.2.5:8000', 'a DHCP server, through its control agent'],
        ['plumb import device --platform kea kea-dhcp4.conf kea-dhcp6.conf --name dhcp1-fra', 'both daemons of one server'],
      ),
    )
    .action(async (files, options) => context.done(await (await import('../commands/import.ts')).importDevice(files, options, context)));
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
    .action(async (options) => context.done(await (await import('../commands/import-netbox.ts')).importFromNetBox(options, context)));

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
        context.done(await (await import('../commands/config.ts')).config(name, live, intended, options, context)),
      );
  }

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
    .action(async () => context.done(await (await import('../commands/schema.ts')).schema(context)));
}
