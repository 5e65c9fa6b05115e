import { commandType, type JobContext, type JobDefinition } from '@heavylift/core';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { heavyliftTransportId } from './heavylift-transport-id.js';

/**
 * Makes a controller's method the handler of a job type. Payload and result types are checked by the compiler.
 *
 * @example
 * ```ts
 * @JobHandler(resizeImage)
 * resize(payload: ResizeImagePayload, job: JobContext): Promise<ResizeImageResult> { … }
 * ```
 */
export function JobHandler<P extends object, R extends object>(definition: JobDefinition<P, R>) {
  return <T extends (payload: P, job: JobContext) => Promise<R>>(
    target: object,
    key: string,
    descriptor: TypedPropertyDescriptor<T>,
  ): void => {
    MessagePattern(commandType(definition), heavyliftTransportId, { definition })(target, key, descriptor);
    Payload()(target, key, 0);
    Ctx()(target, key, 1);
  };
}
