import * as z from 'zod/mini';

const names = z.optional(z.record(z.string(), z.string()));

const packageSchema = z.object({
  dependencies: names,
  devDependencies: names,
  overrides: z.optional(z.unknown()),
});

const lockSchema = z.object({
  packages: z.record(z.string(), z.object({ optionalDependencies: names, resolved: z.optional(z.string()) })),
});

/** Every dependency of package.json is pinned: `^` would let two installations differ. */
export function unpinned(packageJson: unknown): string[] {
  const { dependencies, devDependencies } = z.parse(packageSchema, packageJson);
  return Object.entries({ ...dependencies, ...devDependencies })
    .filter(([, version]) => !/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(version))
    .map(([name, version]) => `package.json: ${name} is "${version}"; write one exact version.`);
}

/** The folder in which npm looks next: node_modules of the package itself, then of each one around it. */
function* searchPath(packagePath: string): Generator<string> {
  for (
    let path = packagePath;
    path !== '';
    path = path.slice(0, Math.max(0, path.lastIndexOf('node_modules/') - 1))
  ) {
    yield `${path}/node_modules/`;
  }
  yield 'node_modules/';
}

/**
 * Binaries for Linux, macOS and Windows are optional dependencies. One that the lockfile names but does
 * not hold makes `npm ci` fail on its platform, or everywhere.
 */
export function missingOptional(lockfile: unknown): string[] {
  const { packages } = z.parse(lockSchema, lockfile);
  return Object.entries(packages).flatMap(([path, { optionalDependencies }]) =>
    Object.keys(optionalDependencies ?? {})
      .filter((name) => ![...searchPath(path)].some((folder) => `${folder}${name}` in packages))
      .map((name) => `package-lock.json: ${path} names ${name}, which the lockfile does not hold.`),
  );
}

/**
 * The lockfile names no addresses, so that everybody installs from the registry that their npm is set to: an address of
 * a private mirror would work for its owner alone. The project's .npmrc leaves them out.
 */
export function foreignAddresses(lockfile: unknown): string[] {
  const { packages } = z.parse(lockSchema, lockfile);
  return Object.entries(packages).flatMap(([path, { resolved }]) =>
    resolved === undefined
      ? []
      : [
          `package-lock.json: ${path} names an address: install inside the project, whose .npmrc leaves them out.`,
        ],
  );
}

/**
 * From 2026-10-01 pending work keeps a Durable Object alive without a client; 2026-10-30 is the newest date
 * that the pinned workerd accepts.
 */
export function compatibilityDateFault(wranglerToml: string): string[] {
  const date = /^compatibility_date\s*=\s*"(\d{4}-\d{2}-\d{2})"/m.exec(wranglerToml)?.[1];
  if (date !== undefined && date >= '2026-10-01' && date <= '2026-10-30') return [];
  return [
    `wrangler.toml: compatibility_date is ${date ?? 'missing'}; it must be from 2026-10-01 to 2026-10-30.`,
  ];
}
