import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const root = join(import.meta.dirname, '..');

interface Import {
  readonly file: string;
  /** Like `libs/core`. */
  readonly package: string;
  readonly of: string;
}

function sourcesOf(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter(
      (entry) =>
        entry.isFile() && /\.tsx?$/.test(entry.name) && !/node_modules|\/dist(\/|$)/.test(entry.parentPath),
    )
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  const found = text.matchAll(
    /(?:^|\n)\s*(?:import|export)\s[^;]*?from\s+'([^']+)'|import\('([^']+)'\)|(?:^|\n)import '([^']+)'/g,
  );
  return [...found].map((match) => ({
    file,
    package: file.split('/').slice(0, 2).join('/'),
    of: match[1] ?? match[2] ?? match[3]!,
  }));
}

const imports = [...sourcesOf('libs'), ...sourcesOf('apps')]
  .filter((file) => !/\.(spec|fixtures)\.ts$/.test(file))
  .flatMap(importsOf);

/** The imports that break a rule, as `file -> what`. */
function offenders(breaks: (one: Import) => boolean): string[] {
  return imports.filter(breaks).map((one) => `${one.file} -> ${one.of}`);
}

const isOurs = (one: Import): boolean => one.of.startsWith('@heavylift/');
const isTransport = (one: Import): boolean => /^libs\/transport-(embedded|rabbitmq|nats)$/.test(one.package);

describe('the import rule', () => {
  it('sees the imports at all', () => {
    expect(imports.length).toBeGreaterThan(200);
  });

  it('core imports no package of ours', () => {
    expect(offenders((one) => one.package === 'libs/core' && isOurs(one))).toEqual([]);
  });

  it('core imports nothing foreign but class-validator and what it stands on', () => {
    const allowed = /^(\.|node:|class-validator$|class-transformer(?:$|\/)|reflect-metadata$)/;
    expect(offenders((one) => one.package === 'libs/core' && !allowed.test(one.of))).toEqual([]);
  });

  it('contracts import core and the validators only', () => {
    const allowed =
      /^(\.|@heavylift\/core$|class-validator$|class-transformer(?:$|\/)|class-validator-jsonschema$)/;
    expect(offenders((one) => one.package === 'libs/contracts' && !allowed.test(one.of))).toEqual([]);
  });

  it('a transport imports core and its own client only', () => {
    expect(offenders((one) => isTransport(one) && isOurs(one) && one.of !== '@heavylift/core')).toEqual([]);
  });

  it.each([
    ['amqplib', 'libs/transport-rabbitmq'],
    ['nats', 'libs/transport-nats'],
  ])('%s appears in %s only', (client, folder) => {
    const servers = 'libs/test-servers';
    expect(
      offenders((one) => one.of === client && one.package !== folder && one.package !== servers),
    ).toEqual([]);
  });

  it('Nest appears in libs/nestjs and the apps only', () => {
    const allowed = (one: Import): boolean =>
      one.package === 'libs/nestjs' || one.package.startsWith('apps/');
    expect(offenders((one) => one.of.startsWith('@nestjs/') && !allowed(one))).toEqual([]);
  });

  it('one file knows the transports', () => {
    const allowed = /^libs\/(nestjs\/src\/create-transport\.ts|transport-)/;
    expect(
      offenders(
        (one) => /^@heavylift\/transport-(embedded|rabbitmq|nats)$/.test(one.of) && !allowed.test(one.file),
      ),
    ).toEqual([]);
  });

  it('workers never import the gateway, so none has a database', () => {
    const database = /^(@heavylift\/gateway|kysely|pg|node:sqlite)/;
    expect(
      offenders((one) => /^apps\/(video|image)-worker$/.test(one.package) && database.test(one.of)),
    ).toEqual([]);
  });

  it('every import of ours is a dependency that the package names', () => {
    const undeclared = offenders((one) => {
      if (!isOurs(one)) return false;
      const manifest = JSON.parse(readFileSync(join(root, one.package, 'package.json'), 'utf8')) as {
        dependencies?: object;
      };
      const [scope, name] = one.of.split('/'); // What follows is a door of the same package.
      return !Object.hasOwn(manifest.dependencies ?? {}, `${scope}/${name}`);
    });
    expect(undeclared).toEqual([]);
  });
});
