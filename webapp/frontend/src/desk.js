// The desk: what every page loads. htmx brings parts of a page where that helps; nothing needs it.

import htmx from 'htmx.org';
import '@tabler/core/dist/css/tabler.css';
import './desk.css';

// The content policy allows neither inline styles nor evaluated text, and we only ever talk to ourselves.
htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;
htmx.config.allowScriptTags = false;
htmx.config.selfRequestsOnly = true;
