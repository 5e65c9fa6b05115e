import { parentPort, workerData } from 'node:worker_threads';
// As it stands in the folder: the tests run this file from its source, where no resolver of theirs helps a thread.
import { type Question, SqliteFile } from './sqlite-file.ts';

/*
 * The thread that waits for the disk in place of the one that serves requests. Answers each message in its order; what is no question ends it.
 */

/** What crosses from thread to thread of an error of SQLite. */
function factsOf(error: unknown): object {
  const { message, code, errcode } = error as { message: string; code?: string; errcode?: number };
  return { message, code, errcode };
}

function attempted<T>(work: () => T): { readonly answer: T } | { readonly error: object } {
  try {
    return { answer: work() };
  } catch (error) {
    return { error: factsOf(error) };
  }
}

const port = parentPort!;
const opened = attempted(() => new SqliteFile(workerData as string));

port.on('message', (question: Question | undefined) => {
  if (question && 'error' in opened) port.postMessage(opened);
  else if (question && 'answer' in opened) port.postMessage(attempted(() => opened.answer.ask(question)));
  else {
    if ('answer' in opened) opened.answer.close();
    port.close();
  }
});
