/** Nest's own RabbitMQ transport: a quorum queue, persistent messages, acknowledged by the handler. Nothing is tracked. */
import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  ClientProxyFactory,
  Ctx,
  EventPattern,
  Payload,
  type RmqContext,
  type RmqOptions,
  Transport,
} from '@nestjs/microservices';
import type { Channel, Message } from 'amqplib';
import { lastValueFrom } from 'rxjs';
import { atATime, type Payload as Body, playLine } from '../harness/line.ts';

const options = {
  transport: Transport.RMQ,
  options: {
    urls: [process.env.BROKER_URL!],
    queue: 'bench.nest',
    queueOptions: { durable: true, arguments: { 'x-queue-type': 'quorum' } },
    persistent: true,
  },
} satisfies RmqOptions;
const listening = { ...options, options: { ...options.options, noAck: false, prefetchCount: atATime } };

let handle: (body: Body) => void = () => {};

class Jobs {
  take(body: Body, context: RmqContext): void {
    handle(body);
    (context.getChannelRef() as Channel).ack(context.getMessage() as Message);
  }
}

class JobsModule {}

// Node strips types, but knows no decorators.
Controller()(Jobs);
EventPattern('bench')(Jobs.prototype, 'take', Object.getOwnPropertyDescriptor(Jobs.prototype, 'take')!);
Payload()(Jobs.prototype, 'take', 0);
Ctx()(Jobs.prototype, 'take', 1);
Module({ controllers: [Jobs] })(JobsModule);

playLine(async () => {
  const client = ClientProxyFactory.create(options);
  await client.connect();
  return {
    send: (body) => lastValueFrom(client.emit('bench', body), { defaultValue: undefined }),
    consume: async (handler) => {
      handle = handler;
      const app = await NestFactory.createMicroservice(JobsModule, { ...listening, logger: ['error'] });
      await app.listen();
      return { stop: () => app.close() };
    },
  };
});
