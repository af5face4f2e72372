package seer.model.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/// How a conversation is put before a model that was trained for it: in one of the forms that the published models of
/// the families use, recognised by what only that form has. Templates are programs (Jinja); none is run here, and one
/// of another form is refused.
///
/// Only the form's own special tokens are special: what users write is text, whatever it looks like, unless it is asked
/// for otherwise.
public final class ChatTemplate {
    /// Who says something: `system`, `user` or `assistant`.
    public record Message(String role, String content) {
        public Message {
            if (!List.of("system", "user", "assistant").contains(role)) {
                throw new IllegalArgumentException("role is \"" + role + "\", wanted system, user or assistant");
            }
        }
    }

    /// The known forms.
    public enum Form { LLAMA3, CHATML, MISTRAL }

    /// What ChatML's templates say where nobody else does: a literal in the template.
    private static final Pattern CHATML_SYSTEM =
            Pattern.compile("(['\"])<\\|im_start\\|>system(?:\\\\n|\\n)((?:(?!\\1)[^{}])*?)<\\|im_end\\|>");
    /// The same in the later ones of Mistral's.
    private static final Pattern MISTRAL_SYSTEM =
            Pattern.compile("(['\"])\\[SYSTEM_PROMPT]((?:(?!\\1)[^{}])+?)\\[/SYSTEM_PROMPT]\\1");
    /// Where a template takes blanks and line breaks away from both ends of what is said.
    private static final Pattern TRIMMED = Pattern.compile("content['\"]?]?\\s*\\|\\s*trim");
    /// Where it lets the assistant begin with its thoughts, always.
    private static final Pattern THINKS =
            Pattern.compile("<\\|im_start\\|>assistant(?:\\\\n|\\n)<think>(?:\\\\n|\\n)['\"]");
    private static final Pattern ANSWERS = Pattern.compile("<\\|im_start\\|>assistant(?:\\\\n|\\n)['\"]");
    private static final String THOUGHT = "</think>";
    /// Llama 3.1's and 3.2's templates put dates before the system's message; where nobody tells them the day, this.
    private static final String DATES = "Cutting Knowledge Date: December 2023\nToday Date: 26 Jul 2024\n\n";

    private final Form form;
    private final String template;
    private final Tokenizer tokenizer;
    private final boolean trimmed;

    private ChatTemplate(Form form, String template, Tokenizer tokenizer) {
        this.form = form;
        this.template = template;
        this.tokenizer = tokenizer;
        this.trimmed = TRIMMED.matcher(template).find();
    }

    /// The form of a template; empty if it is none of the known ones.
    public static Optional<ChatTemplate> of(String template, Tokenizer tokenizer) {
        Form form = template.contains("<|start_header_id|>") ? Form.LLAMA3
                : template.contains("<|im_start|>") ? Form.CHATML
                : template.contains("[INST]") && !template.contains("<<SYS>>") ? Form.MISTRAL : null;
        return Optional.ofNullable(form).map(known -> new ChatTemplate(known, template, tokenizer));
    }

    public Form form() {
        return form;
    }

    /// The ids of a conversation, up to where the assistant goes on; the text's beginning included.
    ///
    /// @param special whether special tokens in the messages count
    public int[] encode(List<Message> messages, boolean special) {
        var out = new Encoded(special);
        switch (form) {
            case LLAMA3 -> llama3(messages, out);
            case CHATML -> chatml(messages, out);
            case MISTRAL -> mistral(messages, out);
        }
        int[] ids = out.ids();
        int[] opening = tokenizer.opening();
        return opening.length == 0 ? ids : IntStream.concat(IntStream.of(opening), IntStream.of(ids)).toArray();
    }

    private static boolean begins(List<Message> messages) {
        return !messages.isEmpty() && messages.getFirst().role().equals("system");
    }

    /// What somebody says, as the template writes it. White space is what Python takes for it.
    private String content(Message message) {
        String content = message.content();
        if (!trimmed) {
            return content;
        }
        int from = 0;
        int to = content.length();
        while (from < to && isBlank(content.charAt(from))) {
            from++;
        }
        while (to > from && isBlank(content.charAt(to - 1))) {
            to--;
        }
        return content.substring(from, to);
    }

    private static boolean isBlank(char c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == 0x85;
    }

    private void llama3(List<Message> messages, Encoded out) {
        if (tokenizer.opening().length == 0) {
            out.token("<|begin_of_text|>");
        }
        boolean dated = template.contains("Cutting Knowledge Date");
        var all = new ArrayList<>(messages);
        if (dated) {
            String own = begins(messages) ? content(all.removeFirst()) : "";
            header("system", out);
            out.text(DATES);
            out.text(own);
            out.token("<|eot_id|>");
        }
        for (Message message : all) {
            header(message.role(), out);
            out.text(content(message));
            out.token("<|eot_id|>");
        }
        header("assistant", out);
    }

    private static void header(String role, Encoded out) {
        out.token("<|start_header_id|>");
        out.text(role);
        out.token("<|end_header_id|>");
        out.text("\n\n");
    }

    private void chatml(List<Message> messages, Encoded out) {
        var all = new ArrayList<>(messages);
        var usual = CHATML_SYSTEM.matcher(template);
        if (!begins(messages) && usual.find()) {
            all.addFirst(new Message("system", usual.group(2).replace("\\n", "\n")));
        }
        for (Message message : all) {
            out.token("<|im_start|>");
            out.text(message.role() + "\n");
            out.text(message.role().equals("assistant") ? answer(content(message)) : content(message));
            out.token("<|im_end|>");
            out.text("\n");
        }
        out.token("<|im_start|>");
        out.text(THINKS.matcher(template).find() && !ANSWERS.matcher(template).find() ? "assistant\n<think>\n"
                : "assistant\n");
    }

    /// Templates of models that think leave the thoughts of earlier turns out.
    private String answer(String said) {
        boolean thoughtless = template.contains("split('" + THOUGHT) || template.contains("split(\"" + THOUGHT);
        if (!thoughtless || !said.contains(THOUGHT)) {
            return said;
        }
        int from = said.lastIndexOf(THOUGHT) + THOUGHT.length();
        while (from < said.length() && said.charAt(from) == '\n') {
            from++;
        }
        return said.substring(from);
    }

    /// What the system says goes before the first user's message or, in some templates, the last; later ones have
    /// markup of its own for it. There is no place for anything but turns.
    private void mistral(List<Message> messages, Encoded out) {
        requireTurns(messages);
        var usual = MISTRAL_SYSTEM.matcher(template);
        boolean marked = template.contains("[SYSTEM_PROMPT]");
        String system = begins(messages) ? messages.getFirst().content()
                : marked && usual.find() ? usual.group(2).replace("\\n", "\n") : null;
        if (system == null && template.contains("default_system_message")) {
            throw new IllegalArgumentException("the chat template has a system message of its own that is computed, "
                    + "with the day in it, wanted another one, since templates are not run");
        }
        if (tokenizer.opening().length == 0) {
            out.token("<s>");
        }
        if (system != null && marked) {
            out.markup("[SYSTEM_PROMPT]");
            out.text(template.contains("[SYSTEM_PROMPT] ") ? " " : "");
            out.text(system);
            out.markup("[/SYSTEM_PROMPT]");
        }
        boolean last = template.contains("loop.last and system_message");
        int first = begins(messages) ? 1 : 0;
        for (int at = first; at < messages.size(); at++) {
            Message message = messages.get(at);
            if (message.role().equals("user")) {
                boolean here = system != null && !marked && at == (last ? messages.size() - 1 : first);
                question(here ? system + "\n\n" + message.content() : message.content(), out);
            } else {
                out.text(template.contains("' ' + message") || template.contains("\" \" + message") ? " " : "");
                out.text(content(message));
                out.token("</s>");
                out.text(template.contains("eos_token + ' '") || template.contains("eos_token + \" \"") ? " " : "");
            }
        }
    }

    private void question(String content, Encoded out) {
        out.text(template.contains("' [INST]") || template.contains("\" [INST]") ? " " : "");
        out.markup("[INST]");
        out.text(template.contains("[INST] ") ? " " : "");
        out.text(content);
        out.text(template.contains(" [/INST]") ? " " : "");
        out.markup("[/INST]");
    }

    /// User and assistant in turns, the user first and last, behind what the system says.
    private static void requireTurns(List<Message> messages) {
        int first = begins(messages) ? 1 : 0;
        for (int at = first; at < Math.max(messages.size(), first + 1); at++) {
            String wanted = at % 2 == first ? "user" : "assistant";
            String got = at < messages.size() ? messages.get(at).role() : "nobody";
            if (!got.equals(wanted)) {
                throw new IllegalArgumentException("message " + (at + 1) + " is the words of " + got + ", wanted "
                        + wanted + ": in Mistral's form user and assistant take turns, behind what the system says");
            }
        }
    }

    /// Ids under way: text is encoded in one piece from one token of the form's to the next, as all of it would be.
    private final class Encoded {
        private final boolean special;
        private final IntList ids = new IntList();
        private final StringBuilder text = new StringBuilder();

        Encoded(boolean special) {
            this.special = special;
        }

        void text(String more) {
            text.append(more);
        }

        /// A token of the form's.
        void token(String name) {
            int id = tokenizer.id(name).orElseThrow(() -> new IllegalArgumentException("the chat template is of the "
                    + "form " + form.name().toLowerCase(Locale.ROOT) + ", but the tokenizer has no token "
                    + name));
            flush();
            ids.accept(id);
        }

        /// A token where the vocabulary has one, else text.
        void markup(String name) {
            if (tokenizer.id(name).isPresent()) {
                token(name);
            } else {
                text(name);
            }
        }

        private void flush() {
            ids.addAll(special ? tokenizer.encode(text.toString()) : tokenizer.encodeOrdinary(text.toString()));
            text.setLength(0);
        }

        int[] ids() {
            flush();
            return ids.toArray();
        }
    }
}
