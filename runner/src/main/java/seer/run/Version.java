package seer.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/// The version in the jar's manifest.
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        return new String[] {"seer " + number() + ", JDK " + System.getProperty("java.vm.version")};
    }

    /// Of this program alone.
    static String number() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "(not from a jar)" : version;
    }

    /// The commit that this program was built from; null where the build did not know one.
    static String commit() {
        var build = new Properties();
        try (var file = Version.class.getResourceAsStream("build.properties")) {
            build.load(file);
        } catch (IOException e) {
            throw new UncheckedIOException("the program's own archive cannot be read: " + e.getMessage(), e);
        }
        String commit = build.getProperty("commit", "").strip();
        return commit.isEmpty() ? null : commit;
    }
}
