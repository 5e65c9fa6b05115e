import type { Scope } from '@heavylift/nestjs';
import { SetMetadata } from '@nestjs/common';

export const scopeKey = 'heavylift:scope';

/** The scope that a key needs for this route. A route without it is open to everyone. */
export const RequiresScope = (scope: Scope): ClassDecorator & MethodDecorator => SetMetadata(scopeKey, scope);
