/** A text for people elsewhere: files by their names alone, the folders of this machine are left out. */
export function withoutFolders(text: string): string {
  return text.replaceAll(/(file:)?\/[^\s:']*\//g, '');
}

/** A command line for people, like `ffmpeg -i source video.mp4`. */
export function commandLine(program: string, args: readonly string[]): string {
  return [nameOf(program), ...args.map((arg) => (arg.startsWith('file:/') ? nameOf(arg) : arg))].join(' ');
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
