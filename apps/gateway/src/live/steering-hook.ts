import type { FastifyInstance } from 'fastify';
import type { LiveTopic } from './live-message.js';
import type { LiveFeed } from './live-feed.js';

/** Routes whose first part is the topic that they change. */
const steering = /^\/v1\/(queues|workers|schedules)\b/;

/** What somebody orders here, who follows the live stream sees at once: when such a request is answered, its topic and the audit trail are looked at. */
export function showOrdersAtOnce(fastify: FastifyInstance, live: Pick<LiveFeed, 'lookAt'>): void {
  fastify.addHook('onResponse', (request, _reply, done) => {
    const topic = request.method === 'GET' ? undefined : steering.exec(request.url)?.[1];
    if (topic) live.lookAt(topic as LiveTopic, 'audit');
    done();
  });
}
