export { createRabbitmqTransport, type RabbitmqOptions } from './rabbitmq-transport.js';
