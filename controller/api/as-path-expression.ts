/** What the counts of an expression may multiply to: regcomp writes every repetition out, and so takes memory on the router. */
const maxSize = 20_000;

/**
 * What is wrong with an AS-path expression, as "the fact; what to write", or undefined. Routers take POSIX extended expressions, and
 * FRR puts a group in the place of every `_` (seen on 8.4.4, where regcomp is that of glibc). Beyond what regcomp refuses, what it takes
 * for something else than was meant is refused: `_` between square brackets, a closing parenthesis alone.
 */
export function explainExpression(text: string): string | undefined {
  let at = 0;
  let boundaries = 0;
  if (/^ | $| {2}|\| /.test(text))
    return 'has a blank at an end, beside another or behind |, which routers drop or take for a pipe; write _ for a boundary';
  try {
    const size = readAlternatives();
    if (at < text.length) throw new Fault('has a closing parenthesis without an opening one; remove it, or write [)]');
    return size > maxSize ? `repeats more than ${maxSize} signs; write smaller counts` : undefined;
  } catch (fault) {
    if (fault instanceof Fault) return fault.message;
    throw fault;
  }

  function readAlternatives(): number {
    let size = 0;
    for (;;) {
      while (at < text.length && text[at] !== '|' && text[at] !== ')') size += readRepeated();
      if (text[at] !== '|') return size;
      at += 1;
    }
  }

  /** One sign, group or bracket with all that repeats it. */
  function readRepeated(): number {
    const sign = text.charAt(at);
    const before = boundaries;
    if (isRepetition(sign)) throw new Fault(`has nothing to repeat before ${sign}; put a digit or a group there, or write [${sign}]`);
    let size = 1;
    at += 1;
    if (sign === '(') {
      size += readAlternatives();
      if (text[at] !== ')') throw new Fault('has an open parenthesis; close it');
      at += 1;
    } else if (sign === '[') skipBracket();
    const isAnchor = sign === '^' || sign === '$';
    if (isAnchor || sign === '_') boundaries += 1;
    while (at < text.length && isRepetition(text.charAt(at))) {
      if (isAnchor) throw new Fault(`repeats ${sign}, an end of the path; put something between them`);
      // regcomp of glibc writes the copies of a count without their ends: ^(1_){2}$ holds for 11 (seen on FRR 8.4.4).
      if (text[at] === '{' && boundaries > before)
        throw new Fault(
          `repeats by a count what holds _, ^ or $, which routers then lose; write it out, as in 1_1_ for (1_){2}, or use + or *`,
        );
      size *= readCount();
    }
    return size;
  }

  function readCount(): number {
    if (text[at] !== '{') {
      at += 1;
      return 1;
    }
    const [whole, least = '', range, most = ''] = /^\{([0-9]{0,5})(,([0-9]{0,5}))?\}/.exec(text.slice(at)) ?? [];
    if (whole === undefined || (range === undefined && least === ''))
      throw new Fault('has a { that opens no count; write {2}, {2,} or {2,4}, or [{] for the brace of a path');
    const largest = Math.max(Number(least), Number(most));
    if (most !== '' && Number(most) < Number(least)) throw new Fault(`has the count ${whole} backwards; write {${most},${least}}`);
    if (largest > 32_767) throw new Fault(`has the count ${whole}; write one up to 32767`);
    at += whole.length;
    return Math.max(1, largest);
  }

  function skipBracket(): void {
    const [whole, members = ''] = /^(?!\^?\])\^?([^\][]+)\]/.exec(text.slice(at)) ?? [];
    if (whole === undefined) throw new Fault('has a [ that is empty, open or inside another; write for example [0-9]');
    if (members.includes('_')) throw new Fault('has _ between square brackets, where it is no boundary; write it outside, as in (_|[0-9])');
    const rest = members.replace(/^-|-$/g, '').replace(/([^-])-([^-])/g, (range, from: string, to: string) => {
      if (from > to) throw new Fault(`has the range ${range} backwards; write ${to}-${from}`);
      return '';
    });
    if (rest.includes('-')) throw new Fault('has a hyphen that begins and ends no range; write it first between the square brackets');
    at += whole.length;
  }
}

function isRepetition(sign: string): boolean {
  return sign === '*' || sign === '+' || sign === '?' || sign === '{';
}

class Fault extends Error {}
