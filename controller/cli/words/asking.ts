import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { answerVerb, examples, manyVerb, publishedVerb, textUpTo, waitingVerb } from './options.ts';

/** What people ask of an operator, and what they answer it. */
export function addAsking(program: Command, context: Context): void {
  program.commandsGroup('Ask and answer an operator:');

  waitingVerb(program, 'reconcile', 'look now: at devices, or at the source when none is named')
    .argument('[device...]', 'devices by name')
    .option('--release', 'let the devices go that the newest revision no longer has')
    .addHelpText('after', examples(['plumb reconcile --wait', 'fetch now'], ['plumb reconcile edge1-fra --wait', 'read one device now']))
    .action(async (devices, options) => context.done(await (await import('../commands/requests.ts')).reconcile(devices, options, context)));

  publishedVerb(program, 'suspend', 'stop fetching and reading, for the whole Fleet')
    .addHelpText('after', examples(['plumb suspend', 'plumb unsuspend ends it']))
    .action(async (options) => context.done(await (await import('../commands/requests.ts')).setSuspended(true, options, context)));

  publishedVerb(program, 'unsuspend', 'go on after suspend')
    .addHelpText('after', examples(['plumb unsuspend', '']))
    .action(async (options) => context.done(await (await import('../commands/requests.ts')).setSuspended(false, options, context)));

  answerVerb(program, 'approve', 'say yes to a ChangePlan: it begins when the rules of the Fleet are met')
    .option('--reason <text>', 'why, for whoever reads it later', textUpTo(1000))
    .option('--override-windows', 'begin outside of change windows and in a freeze; needs --reason')
    .addHelpText(
      'after',
      examples(
        ['plumb approve plan-4f2a91c07be3 -n network', 'shows what would be done, and asks'],
        ['plumb approve plan-4f2a91c07be3 --group 9c1d', 'one of its changes only'],
      ),
    )
    .action(async (plan, options) => context.done(await (await import('../commands/approve.ts')).approve(plan, options, context)));

  answerVerb(program, 'reject', 'say no to a ChangePlan: nothing of it begins any more')
    .requiredOption('--reason <text>', 'why, for whoever wrote it', textUpTo(1000))
    .addHelpText('after', examples(['plumb reject plan-4f2a91c07be3 --reason "wrong site"', '']))
    .action(async (plan, options) => context.done(await (await import('../commands/approve.ts')).reject(plan, options, context)));

  waitingVerb(program, 'rollback', 'take back what a ChangePlan confirmed, by a plan of its own; its devices stay so until Git agrees')
    .argument('<plan>', 'ChangePlan by name')
    .requiredOption('--reason <text>', 'why, for whoever approves it', textUpTo(1000))
    .addHelpText('after', examples(['plumb rollback plan-4f2a91c07be3 --reason "more latency than before" --wait', '']))
    .action(async (name, options) => context.done(await (await import('../commands/rollback.ts')).rollback(name, options, context)));

  for (const [verbName, ask, about] of [
    ['pause', 'Pause', 'let nothing further of a ChangePlan begin; what runs ends'],
    ['continue', 'Continue', 'go on with a paused ChangePlan, or let one that was stopped before it began be proposed again'],
    ['stop', 'Stop', 'end a ChangePlan: nothing further begins, what runs ends, what was confirmed stays'],
  ] as const) {
    waitingVerb(program, verbName, about)
      .argument('<plan>', 'ChangePlan by name')
      .option('--reason <text>', 'why, for whoever reads it later', textUpTo(1000))
      .addHelpText('after', examples([`plumb ${verbName} plan-4f2a91c07be3 --reason "case 4711" --wait`, '']))
      .action(async (name, options) => context.done(await (await import('../commands/steer.ts')).steer(ask, name, options, context)));
  }

  manyVerb(program, 'hold', 'keep devices as they are: read and reported, never written')
    .requiredOption('--reason <text>', 'why, for whoever finds it', textUpTo(1000))
    .option('--for <duration>', 'how long, for example 2h (default: until plumb resume)')
    .option('--by <name>', 'who (default: you)', textUpTo(200))
    .addHelpText(
      'after',
      examples(['plumb hold edge1-fra --reason "case 4711" --for 2h', ''], ['plumb hold fra --reason "fibre work"', 'a whole site']),
    )
    .action(async (devices, options) => context.done(await (await import('../commands/requests.ts')).hold(devices, options, context)));

  manyVerb(program, 'resume', 'end a hold, also one for a change that somebody made on the device')
    .addHelpText('after', examples(['plumb resume edge1-fra', ''], ['plumb resume --all', 'whatever is held']))
    .action(async (devices, options) => context.done(await (await import('../commands/requests.ts')).resume(devices, options, context)));

  publishedVerb(program, 'ack', 'say that somebody looks after what differs: no alert until it changes or the time is over')
    .argument('<device>', 'device by name')
    .requiredOption('--reason <text>', 'why it stands as it is', textUpTo(1000))
    .option('--for <duration>', 'how long', '24h')
    .option('--owner <name>', 'who looks after it (default: you)', textUpTo(200))
    .addHelpText('after', examples(['plumb ack edge1-fra --reason "moved on Friday" --for 3d', '']))
    .action(async (device, options) => context.done(await (await import('../commands/requests.ts')).ack(device, options, context)));
}
