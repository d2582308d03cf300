/**
 * Who may read whom. A folder below src/ or local-cloud/ is a room: its index.ts is its only door, and it reads only
 * rooms below it, so that no two of them can read each other.
 */

/** Of each folder that has rooms: its rooms from top to bottom. Rooms on one line don't read each other. */
const levels = {
  'local-cloud': [
    ['process'],
    ['cloud', 'setup'],
    ['simulation', 'instance', 'database', 'moto', 'iam'],
    ['load-balancer', 'registry', 'metrics'],
    ['fleet', 'model'],
    ['gateway'],
    ['host'],
  ],
  'local-cloud/cloud': [['page']],
  'local-cloud/fleet': [['api'], ['engine']],
  src: [
    ['commands'],
    ['report'],
    ['environment'],
    ['rollout'],
    ['image'],
    ['terraform'],
    ['state-backend'],
    ['run'],
    ['aws', 'github'],
    ['inputs', 'proxy'],
    ['core', 'hcl'],
  ],
  'src/rollout': [
    ['rolling', 'blue-green'],
    ['strategy'],
    ['monitor'],
    ['diagnosis'],
    ['verdict', 'judgement'],
    ['smoke-test'],
    ['preflight'],
    ['plan'],
    ['context'],
    ['aws'],
    ['model'],
  ],
};

/** The trees that are held to it. */
const trees = ['local-cloud', 'src'];

const tables = Object.entries(levels).filter(([folder]) => trees.includes(folder.split('/')[0]));
const anyOf = (names) => `(${names.join('|')})`;
const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

/** A room reads neither its own level's others nor those above. */
const readsOnlyBelow = tables.flatMap(([folder, rows]) =>
  rows.map((row, index) =>
    rule(
      'reads-only-below',
      `The order of the rooms in ${folder}/ is in .dependency-cruiser.mjs.`,
      { path: `^${folder}/${anyOf(row)}/` },
      { path: `^${folder}/${anyOf(rows.slice(0, index + 1).flat())}/`, pathNot: `^${folder}/$1/` },
    ),
  ),
);

/** What lies in a folder beside its rooms is above them. */
const readsNotTheHall = tables.map(([folder]) =>
  rule(
    'reads-only-below',
    `The files of ${folder}/ itself are above its rooms.`,
    { path: `^${folder}/[^/]+/` },
    { path: `^${folder}/[^/]+$` },
  ),
);

const innerRoomsStayInside = tables
  .filter(([folder]) => folder.includes('/'))
  .map(([folder]) =>
    rule(
      'through-the-door',
      `What others need of the rooms in ${folder}/ is in ${folder}/index.ts.`,
      { pathNot: `^${folder}/` },
      { path: `^${folder}/[^/]+/` },
    ),
  );

const places = tables.flatMap(([folder, rows]) => [
  folder,
  ...rows.flat().map((room) => `${folder}/${room}`),
]);
const inPlace = `^${anyOf(places)}/[^/]+$`;
const inTrees = `^${anyOf(trees)}/`;

export default {
  forbidden: [
    ...readsOnlyBelow,
    ...readsNotTheHall,
    ...innerRoomsStayInside,
    rule(
      'through-the-door',
      'From another folder only index.ts is read.',
      { path: '^(.+/)[^/]+$' },
      { path: inTrees, pathNot: ['^$1[^/]+$', '/index[.]ts$'] },
    ),
    rule(
      'has-a-level',
      'A new room needs a level in .dependency-cruiser.mjs.',
      {},
      { path: inTrees, pathNot: inPlace },
    ),
    rule(
      'has-a-level',
      'A new room needs a level in .dependency-cruiser.mjs.',
      { path: inTrees, pathNot: inPlace },
      {},
    ),
    rule('no-circle', 'Two files that read each other are one.', {}, { circular: true }),
    rule(
      'apart',
      'The action and the local cloud know nothing of each other, nor of what runs or tests them.',
      { path: '^(src|local-cloud)/' },
      { path: '^(src|local-cloud|scripts|bench|__tests__)/', pathNot: '^$1/' },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Types are dependencies too.
    tsPreCompilationDeps: true,
    skipAnalysisNotInRules: true,
  },
};
