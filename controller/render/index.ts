/**
 * render: an intent and templates to intended configuration, with templates as hostile code: parsed here, run in child processes without
 * rights (`sandbox/`), each render in a fresh context, only text crossing. Knows no platform; what it prints is in `templates/`.
 */
export { explainLine } from './check-lines.ts';
export { type CompiledTemplates, compileTemplates, type TemplateSet } from './compile-templates.ts';
export { errors } from './errors.ts';
export type { RenderLimits } from './limits.ts';
export { createRenderer, rootOf as intentForTemplates, type Renderer, type RenderResult } from './renderer.ts';
export { templatesAmong } from './repository-templates.ts';
export { createSandboxPool, type SandboxPool } from './sandbox-pool.ts';
export { overlayTemplates, readBuiltinTemplates, type TemplateFile } from './template-files.ts';
