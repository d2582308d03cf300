/** What a package.json says of its package. */
export interface Package {
  version: string;
  license?: unknown;
}

interface Licensed {
  /** Its name and version: semver@7.8.6. */
  name: string;
  copyright: string[];
  text: string;
}

/**
 * Writes each licence once, below the packages that are under it, each with the copyright lines of its own.
 * @param list what ncc writes: for each package a line with its name, one with its licence's name, and the text
 * @param installed the package of that name; undefined for a line that is no package's name
 * @throws Error when the list does not begin with a package
 */
export function licensesOnce(list: string, installed: (name: string) => Package | undefined): string {
  const groups = new Map<string, Licensed[]>();
  for (const one of packagesOf(list, installed)) {
    // The texts of one licence differ in how they are broken and indented, too.
    const key = one.text.replace(/\s+/g, ' ');
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].map(section).join(`\n${'-'.repeat(80)}\n\n`);
}

function packagesOf(list: string, installed: (name: string) => Package | undefined): Licensed[] {
  const lines = list.split('\n');
  const starts = lines.flatMap((line, index) => {
    const found = installed(line);
    return found !== undefined && found.license === lines[index + 1] ? [{ index, ...found }] : [];
  });
  if (starts[0]?.index !== 0) throw new Error(`the list of licences begins with no package: ${lines[0]}`);
  return starts.map(({ index, version, license }, place) => {
    const own = lines.slice(index + 2, starts[place + 1]?.index);
    const isCopyright = (line: string) => /^\s*Copyright\b.*\d{4}/.test(line);
    const rest = own.filter((line) => !isCopyright(line));
    const text = rest
      .join('\n')
      .replace(/\n{3,}/g, '\n\n')
      .trim();
    return {
      name: `${lines[index]}@${version}`,
      copyright: own.filter(isCopyright).map((line) => line.trim()),
      text: text === '' ? `License: ${String(license)}` : text,
    };
  });
}

function section(packages: Licensed[]): string {
  const names = packages.flatMap(({ name, copyright }) => [name, ...copyright.map((line) => `  ${line}`)]);
  return `${names.join('\n')}\n\n${packages[0]?.text}\n`;
}
