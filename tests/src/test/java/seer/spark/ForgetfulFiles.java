package seer.spark;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/// Files of this machine, but for lines of results: as where each machine of a cluster has a folder of its own, and
/// the driver sees none of what executors write.
public final class ForgetfulFiles extends RawLocalFileSystem {
    static final String SCHEME = "forgetful";

    @Override
    public String getScheme() {
        return SCHEME;
    }

    @Override
    public URI getUri() {
        return URI.create(SCHEME + ":///");
    }

    @Override
    public FSDataOutputStream create(Path file, FsPermission permission, boolean overwrite, int buffer,
                                     short replication, long block, Progressable progress) throws IOException {
        return file.getName().endsWith(".jsonl") ? new FSDataOutputStream(OutputStream.nullOutputStream(), null)
                : super.create(file, permission, overwrite, buffer, replication, block, progress);
    }

    @Override
    public FSDataOutputStream create(Path file, boolean overwrite, int buffer, short replication, long block,
                                     Progressable progress) throws IOException {
        return create(file, null, overwrite, buffer, replication, block, progress);
    }
}
