import type { Command } from 'commander';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** A completion script made from the command tree itself, so that it cannot fall behind it. Words only; it runs nothing of ours. */
export function printCompletion(program: Command, shell: Shell): string {
  const verbs = program.commands.map((command) => ({ path: command.name(), about: command.summary(), words: wordsOf(command) }));
  switch (shell) {
    case 'bash':
      return bash(verbs);
    case 'zsh':
      return `#compdef plumb\nautoload -U +X bashcompinit && bashcompinit\n${bash(verbs)}`;
    case 'fish':
      return fish(verbs);
  }
}

interface Verb {
  path: string;
  about: string;
  words: readonly string[];
}

function wordsOf(command: Command): readonly string[] {
  return [
    ...command.commands.map((child) => child.name()),
    ...[command, ...command.commands].flatMap((each) => each.options.flatMap((option) => option.long ?? [])),
  ];
}

function bash(verbs: readonly Verb[]): string {
  const cases = verbs.map(({ path, words }) => `    ${path}) words='${[...new Set(words)].join(' ')}' ;;\n`).join('');
  return `_plumb() {
  local cur=\${COMP_WORDS[COMP_CWORD]} words=
  case \${COMP_WORDS[1]-} in
${cases}  esac
  [ "$COMP_CWORD" = 1 ] && words='${verbs.map(({ path }) => path).join(' ')}'
  COMPREPLY=( $(compgen -W "$words" -- "$cur") )
  [ \${#COMPREPLY[@]} = 0 ] && COMPREPLY=( $(compgen -f -- "$cur") )
}
complete -F _plumb plumb
`;
}

function fish(verbs: readonly Verb[]): string {
  const lines = verbs.flatMap(({ path, about, words }) => [
    `complete -c plumb -n __fish_use_subcommand -a ${path} -d '${about.replaceAll("'", "\\'")}'`,
    ...[...new Set(words)].map((word) =>
      word.startsWith('--')
        ? `complete -c plumb -n '__fish_seen_subcommand_from ${path}' -l ${word.slice(2)}`
        : `complete -c plumb -n '__fish_seen_subcommand_from ${path}' -a ${word}`,
    ),
  ]);
  return `${lines.join('\n')}\n`;
}
