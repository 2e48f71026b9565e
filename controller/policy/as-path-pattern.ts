/**
 * AS-path expressions as routers run them: POSIX extended, found anywhere in the printed path, `_` standing for a boundary. Read into
 * a small automaton whose states are made when a path needs them, so that no expression from Git takes more than time linear in the path.
 * Expects what `explainExpression` of api lets through.
 */
export type PathPattern = (asPath: string) => boolean;

type Node =
  | { is: 'sign'; takes: (sign: string) => boolean; next: Node | undefined }
  | { is: 'fork'; to: (Node | undefined)[] }
  | { is: 'start' | 'end'; next: Node | undefined }
  | { is: 'found' };

/** Gives a fragment in front of what follows it: fragments are built from the back. */
type Fragment = (next: Node) => Node;

interface State {
  nodes: readonly Node[];
  found: boolean;
  /** Whether the path may end here. */
  foundAtEnd: boolean;
  moves: Map<string, State>;
}

const mostStates = 2_000;
const boundary = ',{}() ';

export function compilePathPattern(expression: string): PathPattern {
  const root = readExpression(expression)({ is: 'found' });
  let states = new Map<string, State>();
  const numbers = new Map<Node, number>();

  const stateOf = (nodes: ReadonlySet<Node>): State => {
    const key = [...nodes]
      .map((node) => numberOf(node))
      .sort((a, b) => a - b)
      .join(' ');
    const known = states.get(key);
    if (known) return known;
    if (states.size >= mostStates) states = new Map();
    const state: State = {
      nodes: [...nodes],
      found: [...nodes].some(({ is }) => is === 'found'),
      foundAtEnd: [...close(nodes, { end: true })].some(({ is }) => is === 'found'),
      moves: new Map(),
    };
    states.set(key, state);
    return state;
  };
  const numberOf = (node: Node): number => {
    const known = numbers.get(node) ?? numbers.size;
    numbers.set(node, known);
    return known;
  };
  const move = (state: State, sign: string): State => {
    const known = state.moves.get(sign);
    if (known) return known;
    const to: Node[] = [root];
    for (const node of state.nodes) if (node.is === 'sign' && node.takes(sign) && node.next) to.push(node.next);
    const next = stateOf(close(to, {}));
    state.moves.set(sign, next);
    return next;
  };
  const first = stateOf(close([root], { start: true }));
  // An anchor at the start of an empty path is at its end too.
  const foundInNothing = [...close([root], { start: true, end: true })].some(({ is }) => is === 'found');

  return (asPath) => {
    if (asPath === '') return foundInNothing;
    let state = first;
    for (const sign of asPath) {
      if (state.found) return true;
      state = move(state, sign);
    }
    return state.found || state.foundAtEnd;
  };
}

/** Everything that is reached without a sign. Anchors that wait for the end stay in it. */
function close(from: Iterable<Node>, at: { start?: boolean; end?: boolean }): Set<Node> {
  const reached = new Set<Node>();
  const waiting = [...from];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (reached.has(node)) continue;
    reached.add(node);
    if (node.is === 'fork') waiting.push(...node.to.filter((to) => to !== undefined));
    else if ((node.is === 'start' && at.start) || (node.is === 'end' && at.end)) if (node.next) waiting.push(node.next);
  }
  return reached;
}

function readExpression(text: string): Fragment {
  let at = 0;
  return readAlternatives();

  function readAlternatives(): Fragment {
    const ways: Fragment[] = [];
    let parts: Fragment[] = [];
    while (at < text.length && text[at] !== ')') {
      if (text[at] === '|') {
        ways.push(inSequence(parts));
        parts = [];
        at += 1;
      } else parts.push(readRepeated());
    }
    ways.push(inSequence(parts));
    const [only] = ways;
    return ways.length === 1 && only ? only : (next) => ({ is: 'fork', to: ways.map((way) => way(next)) });
  }

  function readRepeated(): Fragment {
    let fragment = readAtom();
    for (;;) {
      const sign = text.charAt(at);
      if (sign === '*') fragment = repeat(fragment, 0, Number.POSITIVE_INFINITY);
      else if (sign === '+') fragment = repeat(fragment, 1, Number.POSITIVE_INFINITY);
      else if (sign === '?') fragment = repeat(fragment, 0, 1);
      else if (sign === '{') {
        const [whole = '', least = '', range, most = ''] = /^\{([0-9]*)(,([0-9]*))?\}/.exec(text.slice(at)) ?? [];
        const low = Number(least);
        fragment = repeat(fragment, low, range === undefined ? low : most === '' ? Number.POSITIVE_INFINITY : Number(most));
        at += whole.length - 1;
      } else return fragment;
      at += 1;
    }
  }

  function readAtom(): Fragment {
    const sign = text.charAt(at);
    at += 1;
    if (sign === '(') {
      const inside = readAlternatives();
      at += 1;
      return inside;
    }
    if (sign === '[') return readBracket();
    if (sign === '^') return (next) => ({ is: 'start', next });
    if (sign === '$') return (next) => ({ is: 'end', next });
    if (sign === '.') return takesOne(() => true);
    if (sign !== '_') return takesOne((found) => found === sign);
    return (next) => ({
      is: 'fork',
      to: [{ is: 'start', next }, { is: 'end', next }, takesOne((found) => boundary.includes(found))(next)],
    });
  }

  function readBracket(): Fragment {
    const end = text.indexOf(']', at + 1);
    const negated = text[at] === '^';
    const members = text.slice(negated ? at + 1 : at, end);
    at = end + 1;
    const signs = new Set<string>();
    for (let i = 0; i < members.length; i++) {
      const last = members[i + 1] === '-' ? members.charCodeAt(i + 2) : Number.NaN;
      if (Number.isNaN(last)) signs.add(members.charAt(i));
      else {
        for (let code = members.charCodeAt(i); code <= last; code++) signs.add(String.fromCharCode(code));
        i += 2;
      }
    }
    return takesOne((found) => signs.has(found) !== negated);
  }
}

function takesOne(takes: (sign: string) => boolean): Fragment {
  return (next) => ({ is: 'sign', takes, next });
}

function inSequence(parts: readonly Fragment[]): Fragment {
  return (next) => parts.reduceRight((rest, part) => part(rest), next);
}

function repeat(fragment: Fragment, least: number, most: number): Fragment {
  return (next) => {
    let node = next;
    if (most === Number.POSITIVE_INFINITY) {
      const loop: { is: 'fork'; to: (Node | undefined)[] } = { is: 'fork', to: [next] };
      loop.to.unshift(fragment(loop));
      node = loop;
    } else for (let i = least; i < most; i++) node = { is: 'fork', to: [fragment(node), next] };
    for (let i = 0; i < least; i++) node = fragment(node);
    return node;
  };
}
