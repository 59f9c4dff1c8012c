/**
 * Whether a model can be asked for at a proxy that lists these names: by its name, by a wildcard (`ollama-*`), or with
 * the provider before it (`anthropic/*`), which LiteLLM adds by itself for models that it knows. Pure.
 */
export function isListed(names: readonly string[], model: string): boolean {
  return names.some((name) => {
    const bare = name.slice(name.lastIndexOf('/') + 1);
    return [name, bare].some(
      (one) => one === model || (one.endsWith('*') && model.startsWith(one.slice(0, -1))),
    );
  });
}
