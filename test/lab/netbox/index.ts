/**
 * test/lab/netbox: a real NetBox with PostgreSQL and Redis as plain processes on loopback. NetBox comes from the package index into a cache
 * (a minute, once), and so does a dump of its empty database with a token in it (some minutes, once); after that it stands in 25 s.
 *
 *   const lab = await up(); … lab.url, lab.token … await lab.down()
 *
 * Tests share one and give their objects names of their own. Without Python 3.12, PostgreSQL and Redis they are skipped, with the reason on
 * standard error; `test/lab/install-netbox.sh` installs the latter two. PLUMB_LAB_NETBOX_DUMP names a ready dump, PLUMB_LAB_PYTHON a Python.
 *
 * By hand: node test/lab/netbox/main.ts up | down [DIR] | reset [DIR] | url | token | regen
 */
export { whyNoNetBox } from './build.ts';
export { type NetBoxLab, up } from './server.ts';
