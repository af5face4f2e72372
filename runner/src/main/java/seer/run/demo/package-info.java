/// What `seer demo` shows: facts hidden in a novel, questions about them, and pictures of what was computed.
package seer.run.demo;
