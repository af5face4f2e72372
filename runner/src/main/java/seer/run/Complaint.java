package seer.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import seer.model.load.FileTrouble;

/// Whatever ends a command, as one sentence.
///
/// Sentences of ours name what was wanted and what was found; they are passed on as they are. What Java itself
/// throws where nobody expected it is a fault of ours, and is called one.
final class Complaint {
    private static final String OURS = "seer.";
    private static final int MIB = 20; // bits
    /// Where classes come from that a small runtime may lack.
    private static final Map<String, String> MODULES = Map.of("java/awt/", "java.desktop", "javax/imageio/",
            "java.desktop", "javax/swing/", "java.desktop", "java/sql/", "java.sql", "jdk/incubator/vector/",
            "jdk.incubator.vector", "java/lang/management/", "java.management");

    private Complaint() { }

    static String of(Throwable e) {
        String sentence = switch (e) {
            case OutOfMemoryError memory -> "out of memory (" + memory.getMessage() + "), the heap's limit is "
                    + (Runtime.getRuntime().maxMemory() >> MIB) + " MiB: raise it with SEER_JAVA_OPTS=-Xmx...";
            case StackOverflowError overflow -> "the stack is full" + place(overflow)
                    + ": something is nested too deeply; SEER_JAVA_OPTS=-Xss... makes it larger";
            case LinkageError missing -> missing(missing);
            case UncheckedIOException wrapped when wrapped.getCause().toString().equals(wrapped.getMessage()) ->
                    of(wrapped.getCause());
            case ExecutionException wrapped when wrapped.getCause() != null -> of(wrapped.getCause());
            case FileSystemException file when file.getFile() != null ->
                    file.getFile() + ": " + FileTrouble.reason(file);
            case CharacterCodingException _ -> "a file that was read is not UTF-8 text";
            case InvalidPathException path -> "\"" + path.getInput() + "\" is no path: " + path.getReason();
            case IOException io when io.getMessage() != null -> io.getMessage();
            case Throwable other when isOurs(other) -> other.getMessage();
            case Throwable other -> "a fault of seer's own" + place(other) + ", please report it: " + other
                    + " (--verbose shows the whole trace)";
        };
        return oneLine(sentence);
    }

    /// A text without its ends of lines.
    static String oneLine(String text) {
        return text.strip().replaceAll("\\s*\\R\\s*", " ");
    }

    /// Whether code of ours threw it, with a sentence; the JVM too throws out of our lines.
    private static boolean isOurs(Throwable e) {
        var trace = e.getStackTrace();
        return e.getMessage() != null && trace.length > 0 && trace[0].getClassName().startsWith(OURS)
                && !(e instanceof NullPointerException || e instanceof IndexOutOfBoundsException
                || e instanceof ClassCastException || e instanceof ArithmeticException
                || e instanceof NegativeArraySizeException || e instanceof ArrayStoreException
                || e instanceof VirtualMachineError || e instanceof AssertionError);
    }

    /// The last of our methods that was being run.
    private static String place(Throwable e) {
        for (var frame : e.getStackTrace()) {
            if (frame.getClassName().startsWith(OURS)) {
                return ", in " + frame.getClassName() + "." + frame.getMethodName() + ", line "
                        + frame.getLineNumber();
            }
        }
        return "";
    }

    private static String missing(LinkageError e) {
        Throwable first = e;
        while (first.getCause() instanceof LinkageError cause) {
            first = cause;
        }
        String name = String.valueOf(first.getMessage());
        return MODULES.entrySet().stream().filter(each -> name.contains(each.getKey())).findFirst()
                .map(each -> "this Java runtime was started without the module " + each.getValue()
                        + ", which is needed here (" + name + ")")
                .orElse("this Java runtime or the class path lacks something that is needed here: " + first);
    }
}
