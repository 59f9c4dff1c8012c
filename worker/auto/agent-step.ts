/** What a conversation with tools tells beside its words. */
export type AgentStep = {
  /** The work is on a code base: a repository, a pull request, a failing test, a shell for programming. */
  onCode: boolean;
  /** Results of tools since the task was set. */
  toolResults: number;
  /** The strongest kind of tool on offer. */
  tools: 'none' | 'read' | 'write';
  /** The answer is to be taken from passages that were looked up. */
  fromPassages: boolean;
};

const CODE_TASK =
  /\b(?:programming tasks?|software engineer\w*|pull request|pr[_ ]description|code ?base|repository|git diff|failing tests?)\b/i;
const CODE_SHELL =
  /\b(?:shell|terminal|bash|edit(?:s|ing)? files?|patch|commit|source code|implement|fix)\b/i;
const PASSAGES =
  /\b(?:answer|respond)\b.{0,200}\b(?:based on|from|using)\b.{0,60}\b(?:passages?|documents?|transcript|context|knowledge base)\b/is;
const WORKSPACE = /\btools?\b.{0,2000}\b(?:workspace|files?|commands?)\b/is;
const READ = 3_000;

/** `system`: the text that sets the agent up; `task`: the first user turn. */
export function isCodeTask(system: string, task: string): boolean {
  const text = `${system.slice(0, READ)}\n${task.slice(0, READ)}`;
  return CODE_TASK.test(text) && CODE_SHELL.test(text);
}

/** The system text says that the answer is in passages which it was given. */
export function isFromPassages(system: string): boolean {
  return PASSAGES.test(system.slice(0, READ));
}

/** The system text offers tools for files or commands. */
export function offersTools(system: string): boolean {
  return WORKSPACE.test(system.slice(0, READ));
}
