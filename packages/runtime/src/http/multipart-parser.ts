/**
 * A module of its own, so that a bundler keeps all that belongs to the parser, and to CommonJS, out of what every cold
 * start loads.
 */
export { Busboy } from "@fastify/busboy";
