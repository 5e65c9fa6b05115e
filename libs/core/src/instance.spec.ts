import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Exclude, Expose, plainToInstance, Transform, Type } from 'class-transformer';
import { Allow, IsArray, IsNumber, IsString } from 'class-validator';
import { instanceOf } from './instance.js';

class Plain {
  @IsString() name = 'none';
  @IsNumber() count!: number;
  @IsArray() @Allow() tags?: string[];

  get label(): string {
    return `${this.name} ${this.count}`;
  }
}

class Below extends Plain {
  @IsString() more = 'm';
}

class Typed {
  @Type(() => Number) @IsNumber() count!: number;
  @Transform(({ value }) => String(value).trim()) @IsString() name!: string;
}

class TypedBelow extends Typed {
  @IsString() more = 'm';
}

class Renamed {
  @Expose({ name: 'title' }) @IsString() name!: string;
}

class Hiding {
  @IsString() name!: string;
  @Exclude() @IsString() secret = 'unset';
}

@Exclude()
class Hidden {
  @IsString() name = 'unset';
}

const payloads = [
  '{}',
  '{"name":"a","count":3,"more":"b"}',
  '{"count":"3","name":" a "}',
  '{"name":null,"count":true,"tags":["a",{"b":[1]}]}',
  '{"title":"a","name":"b","secret":"c"}',
  '{"name":{"deep":{"er":1}}}',
  '{"name":{},"tags":[]}',
  '{"name":"a","label":"b"}',
  '{"name":"a","constructor":"b","toString":"c","hasOwnProperty":1}',
  '{"name":"a","__proto__":{"count":1},"unknown":2}',
];

describe.each([Plain, Below, Typed, TypedBelow, Renamed, Hiding, Hidden])('an instance of %p', (type) => {
  it.each(payloads)('of %s is what class-transformer makes', (json) => {
    const made = attempt(() => instanceOf<object>(type, JSON.parse(json) as object));
    const expected = attempt(() => plainToInstance<object, object>(type, JSON.parse(json) as object));
    expect(made).toStrictEqual(expected);
    expect(Object.keys(made)).toEqual(Object.keys(expected));
  });
});

/** class-transformer refuses what it cannot set, a getter without a setter say, and so do we. */
function attempt(make: () => object): object {
  try {
    return make();
  } catch (error) {
    return { refused: (error as Error).message };
  }
}
