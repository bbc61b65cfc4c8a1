/** Whom a statement of a resource policy lets in that is for all; those of APIs let in an API, which its id stands for. */
export const EVERYBODY = "everybody";
