// The browser tests: the real program, the demo commune, a real browser.
import { after, before } from 'node:test';
import { launch } from './browser.mjs';
import { news } from './news.mjs';
import { pages } from './pages.mjs';
import { people } from './people.mjs';
import { startServer } from './server.mjs';
import { story } from './story.mjs';
import { history } from './history.mjs';
import { work } from './work.mjs';

/** Filled before the first test. */
const stage = {};
before(async () => {
  stage.server = await startServer();
  stage.browser = await launch();
});
after(async () => {
  await stage.browser?.close();
  await stage.server?.stop();
});

story(stage);
work(stage);
people(stage);
pages(stage);
history(stage);
news(stage);
