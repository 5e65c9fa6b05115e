import { type Setting, type Settings, workerSettings } from '@heavylift/nestjs';

const shortestKey = 8;

const url: Setting<string | undefined> = {
  name: 'IMAGE_GENERATOR_URL',
  about:
    'where a server of the OpenAI images API begins, like https://api.openai.com/v1; by default a built-in network draws abstract art',
  takes: 'an http:// or https:// URL without user name or password; a key goes into IMAGE_GENERATOR_KEY_FILE',
  fallback: undefined,
  parse: (text) => (isPlainUrl(text) ? text : undefined),
};

const key: Setting<string | undefined> = {
  name: 'IMAGE_GENERATOR_KEY',
  about: 'the key for that server; better in a file, by IMAGE_GENERATOR_KEY_FILE',
  takes: `${shortestKey} or more visible ASCII characters`,
  fallback: undefined,
  secret: true,
  parse: (text) => (text.length >= shortestKey && /^[\x21-\x7e]+$/.test(text) ? text : undefined),
};

const model: Setting<string | undefined> = {
  name: 'IMAGE_GENERATOR_MODEL',
  about: 'the model to ask that server for; by default its own choice',
  takes: 'a name',
  fallback: undefined,
  parse: (text) => text,
};

/** Who makes the pictures of `image.generate`. */
export const imageGeneratorSettings = { generatorUrl: url, generatorKey: key, generatorModel: model };

export type ImageGeneratorSettings = Settings<typeof imageGeneratorSettings>;

/** The settings of an image worker in a process of its own. */
export const imageWorkerSettings = { ...workerSettings, ...imageGeneratorSettings };

function isPlainUrl(text: string): boolean {
  const parsed = URL.parse(text);
  return /^https?:$/.test(parsed?.protocol ?? '') && parsed?.username === '' && parsed.password === '';
}
