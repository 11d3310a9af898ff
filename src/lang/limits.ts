/**
 * Limits of a model's text. Texts come with model files and are not trusted: each pass takes a time that grows with the
 * length of the text, and recursion goes no deeper than MAX_DEPTH in one expression.
 */

/** Characters of all texts of a model. The largest model in the examples has 2,000. */
export const MAX_LENGTH = 65_536;

/** Deepest expression: brackets in brackets, or terms in one sum, and through the intermediate equations it uses. */
export const MAX_DEPTH = 250;

/** Equations of a model, and statements of a reset. */
export const MAX_STATEMENTS = 500;

/** State variables of a model. */
export const MAX_STATES = 64;

/** States of a model that the method exact takes: the work for each set of parameters grows with their third power. */
export const MAX_EXACT_STATES = 8;

/** States of a receptor kernel, and states of the neuron that it reads. */
export const MAX_RECEPTOR_STATES = 16;

export const MAX_PARAMETERS = 250;

/** Named sets of parameters of one model. */
export const MAX_PRESETS = 100;

/** Events of one model beside its spike. */
export const MAX_EVENTS = 16;

/** Characters of a name. */
export const MAX_NAME = 64;
