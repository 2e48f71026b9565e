/** What the renderer knows of a platform. Everything else is in its templates and its dialect. */
export interface RenderedPlatform {
  /** The word that begins a comment line. */
  comment: string;
  /** Characters that a line may have before the platform cuts it. */
  maxLineLength: number;
  /** Text that no line may hold, because the platform takes it for something else. */
  notInLine: readonly { text: string; because: string }[];
  /** First words of lines that configure nothing: the platform would run them as commands. */
  commands: readonly string[];
  /** Configuration is one JSON object, not lines: raw sections are objects of their own behind it. */
  isJson: boolean;
}

const platforms: Readonly<Record<string, RenderedPlatform>> = {
  frr: {
    comment: '!',
    // Seen on 8.4.4: vtysh reads 4095 bytes and silently drops the line that is longer, or waits for ever.
    maxLineLength: 4000,
    // Seen on 8.4.4: `description show | include x` becomes `description show`, any other word after the bar is refused.
    notInLine: [
      { text: '| ', because: 'FRR takes "| " for the beginning of an output filter; write / or leave out the space after the bar' },
    ],
    // Seen on 8.4.4: `do` runs anything from configuration mode, `list`, `find` and `output file X` exist in every mode. `exit` only frames.
    commands: [
      'do', 'end', 'quit', 'exit-vtysh', 'configure', 'write', 'copy', 'clear', 'start-shell', 'show', 'list', 'find', 'output',
    ], // biome-ignore format: a list of words
    isJson: false,
  },
  kea: { comment: '//', maxLineLength: Number.POSITIVE_INFINITY, notInLine: [], commands: [], isJson: true },
};

const unknownPlatform: RenderedPlatform = { comment: '!', maxLineLength: 65_536, notInLine: [], commands: [], isJson: false };

export function platformOf(platform: string): RenderedPlatform {
  return platforms[platform] ?? unknownPlatform;
}

/** The template that a device of a platform is rendered from. */
export function entryOf(platform: string): string {
  return `${platform}/main.njk`;
}
