import { type Command, InvalidArgumentError, Option } from 'commander';

export function netboxVerb(parent: Command, name: string, about: string): Command {
  return netboxOptions(fleetOptions(verb(parent, name, about)))
    .argument('[device...]', 'devices by name; default all')
    .addOption(selector())
    .option('--offline', 'do not ask the devices');
}

export function netboxOptions(command: Command): Command {
  return command
    .addOption(new Option('--netbox <url>', 'address of NetBox, as people open it').env('PLUMB_NETBOX_URL'))
    .option('--netbox-ca <file>', 'PEM of the authority that signed its certificate, when it is a private one');
}

/** A verb that reads the desired state, at a place and a revision. */
export function verb(parent: Command, name: string, about: string): Command {
  return parent
    .command(name)
    .summary(about)
    .description(`${capitalize(about)}.`)
    .addOption(new Option('-s, --source <folder>', 'folder with the desired state; what stands above it is not read').default('.'))
    .option('--rev <revision>', 'read a Git revision instead of the files as they are');
}

/** A verb about what an operator published: of `plumb up` on this machine, or of a cluster. */
export function publishedVerb(parent: Command, name: string, about: string): Command {
  return clusterOptions(
    parent
      .command(name)
      .summary(about)
      .description(`${capitalize(about)}.`)
      .addOption(new Option('--store <folder>', 'store of plumb up on this machine').env('PLUMB_STORE')),
  );
}

export function manyVerb(parent: Command, name: string, about: string): Command {
  return publishedVerb(parent, name, about)
    .argument('[device...]', 'devices, or a site, by name')
    .addOption(selector())
    .option('--all', 'every device');
}

export function answerVerb(parent: Command, name: string, about: string): Command {
  return publishedVerb(parent, name, about)
    .argument('<plan>', 'ChangePlan by name')
    .option('--group <digest...>', 'changes by the first digits of their effect (default: all that are shown)')
    .option('--expires <duration>', 'how long it holds, for example 24h (default: as the Fleet says)')
    .option('--yes', 'without a question, for scripts');
}

export function clusterOptions(command: Command): Command {
  return command
    .option('-n, --namespace <name>', 'look into this namespace of a cluster')
    .option('--kubeconfig <file>', 'which cluster (default: as kubectl)')
    .option('--context <name>', 'context of the kubeconfig')
    .option('--artifact-namespace <name>', 'namespace of what the operator keeps', 'plumbline-artifacts');
}

/** A verb that an operator answers later. */
export function waitingVerb(parent: Command, name: string, about: string): Command {
  return publishedVerb(parent, name, about)
    .option('--wait', 'until the operator has answered')
    .addOption(new Option('--wait-seconds <seconds>', 'limit for --wait').argParser(wholeSeconds).default(120));
}

/** A verb that reaches devices and remembers them. */
export function fleetVerb(parent: Command, name: string, about: string): Command {
  return fleetOptions(verb(parent, name, about));
}

export function fleetOptions(command: Command): Command {
  return command
    .addOption(new Option('--store <folder>', 'where baselines, plans and journals are kept').env('PLUMB_STORE'))
    .addOption(new Option('--secrets <folder>', 'secrets as DIR/<name>/<key>, beside the environment').env('PLUMB_SECRETS'))
    .addOption(new Option('--version-key <file>', 'key of secret versions, when several machines share one').env('PLUMB_VERSION_KEY'))
    .addOption(new Option('--timeout <seconds>', 'limit for reading one device').argParser(wholeFrom(1, 3600)).default(60));
}

export function output(...formats: string[]): Option {
  return new Option('-o, --output <format>', 'how to print').choices(formats).default(formats[0]);
}

export function selector(): Option {
  return new Option('-l, --selector <labels>', 'devices by label, for example site=fra,role=edge');
}

export function wholeSeconds(value: string): number {
  return wholeFrom(1)(value);
}

/** The bounds of the Fleet's field, where it becomes one: a mistake is said before anything starts. */
export function wholeFrom(least: number, most = 86_400): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (!Number.isInteger(number) || number < least || number > most)
      throw new InvalidArgumentError(`write a whole number, ${least} to ${most}`);
    return number;
  };
}

/** What people write for people: something, and no more than an object takes. One that cannot be read back would hold a device for ever. */
export function textUpTo(most: number): (value: string) => string {
  return (value) => {
    if (value.trim() === '') throw new InvalidArgumentError('write some words');
    if (value.length > most) throw new InvalidArgumentError(`write ${most} letters at most`);
    return value;
  };
}

export function wholeMegabytes(value: string): number {
  const megabytes = Number(value);
  if (!Number.isInteger(megabytes) || megabytes < 1 || megabytes > 2 ** 20)
    throw new InvalidArgumentError(`write whole megabytes, 1 to ${2 ** 20}`);
  return megabytes;
}

/** What a comment may hold there, less a little for what a job puts around it. */
const commentLimits: Readonly<Record<string, number>> = { github: 65_000, gitlab: 999_000 };

export function commentBytes(value: string): number {
  const bytes = commentLimits[value] ?? Number(value);
  if (!Number.isInteger(bytes) || bytes < 5000)
    throw new InvalidArgumentError('write github, gitlab, or a whole number of bytes from 5000');
  return bytes;
}

export function portNumber(value: string): number {
  const port = Number(value);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new InvalidArgumentError('write a port, 0 to 65535');
  return port;
}

export function examples(...rows: [command: string, about: string][]): string {
  return `\nExamples:\n${rows.map(([command, about]) => `  ${about ? `${command.padEnd(44)}  ${about}` : command}\n`).join('')}`;
}

export function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
