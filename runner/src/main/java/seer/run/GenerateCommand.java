package seer.run;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import seer.gate.SelectorSpec;
import seer.model.OutOfSpaceException;
import seer.model.Reply;
import seer.model.Responder;
import seer.model.Sampling;
import seer.model.attention.ForcedBlocks;
import seer.model.backend.Backend;
import seer.model.text.ChatTemplate;
import seer.model.text.Tokenizer;
import seer.run.bench.KeptCache;

/// Answers a prompt, in the form that the model was trained for, or talks. Standard output has the answers alone; where
/// and how they were computed stands on standard error.
@Command(name = "generate", mixinStandardHelpOptions = true,
        description = "Answers a prompt in the model's chat form and prints the answer as it comes. Where it was "
                + "computed, how sparsely and how fast stands on standard error.")
final class GenerateCommand implements Callable<Integer> {
    @Mixin private ModelOptions modelOptions;
    @Mixin private SamplingOptions samplingOptions;
    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "PROMPT", arity = "0..1", description = "What is asked; it follows the text of --text.")
    private String prompt;

    @Option(names = "--text", paramLabel = "FILE", description = "A text to ask about, UTF-8; - is standard input.")
    private Path text;

    @Option(names = "--system", paramLabel = "TEXT",
            description = "What the system says (default: the template's own).")
    private String system;

    @Option(names = "--plain", description = "No chat form: the prompt is continued as it is.")
    private boolean plain;

    @Option(names = "--special-tokens", description = "Special tokens in prompt and text count as such.")
    private boolean special;

    @Option(names = "--interactive", description = "Ask line by line from standard input, until it ends.")
    private boolean interactive;

    @Option(names = "--select", paramLabel = "SELECTOR", defaultValue = "dense",
            converter = SelectorOptions.Converter.class, completionCandidates = SelectorOptions.Grammar.class,
            description = "How blocks are chosen: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private SelectorSpec select;

    @Option(names = "--new-tokens", paramLabel = "N", defaultValue = "256",
            description = "Tokens of an answer, at most (default: ${DEFAULT-VALUE}).")
    private int newTokens;

    @Override
    public Integer call() throws IOException {
        var sampling = samplingOptions.sampling();
        check();
        String read = text == null ? "" : TextInput.read(text);
        try (var bench = modelOptions.open(List.of(select))) {
            var chat = plain ? null : bench.model().chat().orElseThrow(() -> new IllegalArgumentException(
                    bench.model().path() + " has no chat template, wanted one, or --plain"));
            var talk = new Talk(bench, chat, sampling, spec.commandLine());
            talk.introduce();
            if (prompt != null || text != null) {
                talk.ask(prompt == null ? read : read.isEmpty() ? prompt : read + "\n\n" + prompt);
            }
            return interactive ? talk.goOn() : 0;
        }
    }

    private void check() {
        if (prompt == null && text == null && !interactive) {
            throw new UsageException("there is nothing to answer, wanted a PROMPT, --text or --interactive");
        }
        if (newTokens < 1) {
            throw new UsageException("--new-tokens is " + newTokens + ", wanted at least 1");
        }
        if (plain && system != null) {
            throw new UsageException("--plain has no place for --system, wanted one of them");
        }
        if (interactive && text != null && text.toString().equals("-")) {
            throw new UsageException("--interactive reads standard input, wanted --text to name a file");
        }
    }

    /// A conversation, which each answer reads anew.
    private final class Talk {
        private final Tokenizer tokenizer;
        private final ChatTemplate chat;
        private final Responder responder;
        private final PrintWriter out;
        private final PrintWriter err;
        private final Backend backend;
        private final List<ChatTemplate.Message> messages = new ArrayList<>();

        /// @param chat null to continue texts as they are
        Talk(Workbench bench, ChatTemplate chat, Sampling sampling, CommandLine line) {
            this.tokenizer = bench.model().tokenizer();
            this.chat = chat;
            this.responder = new Responder(bench.model(), bench.selector(select, ForcedBlocks.DEFAULT), newTokens,
                    sampling);
            this.out = line.getOut();
            this.err = line.getErr();
            this.backend = bench.backend();
            if (system != null) {
                messages.add(new ChatTemplate.Message("system", system));
            }
        }

        void introduce() {
            Printer.computer(Result.Machine.of(backend), err);
        }

        /// Asks line by line. A question that does not fit is left out of the talk, which goes on without it.
        ///
        /// @return the exit code
        int goOn() throws IOException {
            int code = 0;
            var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                int said = messages.size();
                try {
                    if (!line.isBlank()) {
                        ask(line);
                    }
                } catch (IllegalArgumentException | OutOfSpaceException e) {
                    messages.subList(said, messages.size()).clear();
                    err.println("seer: " + e.getMessage() + "; the question is left out");
                    err.flush();
                    code = 1;
                }
            }
            return code;
        }

        void ask(String question) {
            messages.add(new ChatTemplate.Message("user", question));
            int[] ids = chat != null ? chat.encode(messages, special)
                    : tokenizer.whole(special ? tokenizer.encode(question) : tokenizer.encodeOrdinary(question));
            long started = System.nanoTime();
            var reply = responder.reply(ids, part -> {
                out.print(part);
                StandardOutput.check(out);
            });
            out.println();
            messages.add(new ChatTemplate.Message("assistant", reply.text()));
            report(reply, (System.nanoTime() - started - reply.firstTokenNanos()) * 1e-9);
        }

        /// Why an answer is cut short, if it is.
        private String end(Reply reply) {
            return switch (reply.end()) {
                case LIMIT -> ", cut off by --new-tokens " + newTokens;
                case CAPACITY -> ", cut off at the end of the model's context";
                case END_OF_TEXT, CANCELLED -> "";
            };
        }

        /// @param drawing seconds from the first token to the last
        private void report(Reply reply, double drawing) {
            var prompt = reply.prompt();
            int more = reply.tokens().length - 1;
            err.printf(Locale.ROOT, "%,d tokens read with %s at density %.3f%s, %s%s%n",
                    prompt.tokens(), prompt.selector(), prompt.density(),
                    KeptCache.name(prompt.cache()) == null ? ""
                            : ", keys and values kept as " + KeptCache.words(prompt.cache()),
                    more < 0 ? "no token drawn" : String.format(Locale.ROOT, "first token after %.2f s",
                            reply.firstTokenNanos() * 1e-9),
                    (more < 1 ? "" : String.format(Locale.ROOT, ", %,d more at %.1f tokens/s", more, more / drawing))
                            + end(reply));
            Printer.kernels(backend.rungs(), err);
        }
    }
}
