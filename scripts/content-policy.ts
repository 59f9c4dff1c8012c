type Policy = ReadonlyMap<string, readonly string[]>;

function parse(header: string): Policy {
  const directives = header.split(';').map((part) => part.trim().toLowerCase().split(/\s+/));
  return new Map(
    directives.filter(([name]) => name !== '').map(([name = '', ...sources]) => [name, sources]),
  );
}

/** Of what stands between what a model writes and a script that runs; each with the directive that has to hold. */
const RULES: readonly {
  directive: string;
  falls: boolean;
  fault: (sources: readonly string[]) => string | null;
}[] = [
  { directive: 'script-src', falls: true, fault: scriptFault },
  { directive: 'object-src', falls: true, fault: (sources) => only(sources, ["'none'", "'self'"]) },
  { directive: 'base-uri', falls: false, fault: (sources) => only(sources, ["'none'", "'self'"]) },
  // An image of another host carries what stands in its address there.
  {
    directive: 'img-src',
    falls: true,
    fault: (sources) => only(sources, ["'none'", "'self'", 'data:', 'blob:']),
  },
  { directive: 'frame-ancestors', falls: false, fault: (sources) => only(sources, ["'none'"]) },
];

/** Hosts by their full name are a decision; what anybody can fill is none. */
function scriptFault(sources: readonly string[]): string | null {
  return (
    sources.find((source) => /^'unsafe-|^(https?|data|blob|filesystem):$|^http:|\*/.test(source)) ?? null
  );
}

function only(sources: readonly string[], allowed: readonly string[]): string | null {
  return sources.find((source) => !allowed.includes(source)) ?? null;
}

/** What a Content-Security-Policy lets through that the page must not: one word for each directive at fault. */
export function policyFaults(header: string): string[] {
  const policy = parse(header);
  return RULES.flatMap(({ directive, falls, fault }) => {
    const sources = policy.get(directive) ?? (falls ? policy.get('default-src') : undefined);
    if (sources === undefined) return [`no ${directive}`];
    const found = fault(sources);
    return found === null ? [] : [`${directive} ${found}`];
  });
}
