/** AWS's published models: what requests have to be, and with which status each error goes. */
export { problemsOf, type Problem } from './constraints.ts';
export { dataFolder, type Model, readModel, type Shape, shapeOf } from './models.ts';
export { createModels, type Models } from './services.ts';
