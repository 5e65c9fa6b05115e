import type * as swagger from '@nestjs/swagger';

type Swagger = typeof swagger;
type Note = 'ApiBody' | 'ApiConsumes' | 'ApiHeader' | 'ApiOperation' | 'ApiProduces' | 'ApiQuery' | 'ApiTags';

const notes: ((swagger: Swagger) => void)[] = [];

// Nest's own decorators load 530 files, a fifth of all that a gateway loads. So what they are told is kept until somebody asks for the document.
export const ApiBody = noted('ApiBody');
export const ApiConsumes = noted('ApiConsumes');
export const ApiHeader = noted('ApiHeader');
export const ApiOperation = noted('ApiOperation');
export const ApiProduces = noted('ApiProduces');
export const ApiQuery = noted('ApiQuery');
export const ApiTags = noted('ApiTags');

/** Does to the controllers what the decorators of this file were told, once in a process. */
export function applyNotes(swagger: Swagger): void {
  for (const apply of notes.splice(0)) apply(swagger);
}

function noted<N extends Note>(name: N) {
  return (...args: Parameters<Swagger[N]>): ClassDecorator & MethodDecorator =>
    (...target: readonly unknown[]) => {
      notes.push((swagger) => {
        const decoratorOf = swagger[name] as (
          ...args: readonly unknown[]
        ) => (...target: readonly unknown[]) => void;
        decoratorOf(...args)(...target);
      });
    };
}
