package seer.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileUtil;
import org.apache.spark.SparkFiles;
import org.apache.spark.deploy.SparkHadoopUtil;

/// Where files of a model are: weights are mapped, so what lies elsewhere is copied to this machine first.
final class Locations {
    private static final String ADDED = "files:";
    private static final Pattern REMOTE = Pattern.compile("[a-zA-Z][a-zA-Z0-9+.-]+://.*");

    private Locations() { }

    /// The file or folder on this machine.
    static Path local(String location) {
        if (location.startsWith(ADDED)) {
            return Path.of(SparkFiles.get(location.substring(ADDED.length())));
        }
        if (location.startsWith("file:")) {
            return Path.of(URI.create(location).getPath());
        }
        return REMOTE.matcher(location).matches() ? copied(location) : Path.of(location);
    }

    /// The same, from whatever folder it is asked for.
    static String absolute(String location) {
        return location.startsWith(ADDED) || location.startsWith("file:") || REMOTE.matcher(location).matches()
                ? location : Path.of(location).toAbsolutePath().toString();
    }

    /// A file that Spark names, as its user does: Spark mostly, not always, writes blanks as `%20`.
    static String shown(String address) {
        if (!address.startsWith("file:")) {
            return address;
        }
        try {
            return new URI(address).getPath();
        } catch (URISyntaxException _) {
            return address.replaceFirst("^file:/+", "/");
        }
    }

    /// Copied once for each executor, into the folder that goes with it.
    private static synchronized Path copied(String location) {
        Path folder = Path.of(SparkFiles.getRootDirectory()).resolve("seer-models");
        Path copy = folder.resolve(location.replaceAll("[^A-Za-z0-9.-]", "_"));
        if (Files.exists(copy)) {
            return copy;
        }
        try {
            Files.createDirectories(folder);
            Path part = folder.resolve(copy.getFileName() + ".part");
            var from = new org.apache.hadoop.fs.Path(location);
            Configuration conf = SparkHadoopUtil.get().conf();
            FileUtil.fullyDelete(part.toFile());
            if (!FileUtil.copy(from.getFileSystem(conf), from, part.toFile(), false, conf)) {
                throw new IOException("it cannot be copied to " + part);
            }
            return Files.move(part, copy);
        } catch (IOException e) {
            throw new UncheckedIOException(location + ": " + e.getMessage(), e);
        }
    }
}
