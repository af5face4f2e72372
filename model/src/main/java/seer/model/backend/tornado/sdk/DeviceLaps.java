package seer.model.backend.tornado.sdk;

import java.util.ArrayList;
import java.util.List;
import seer.model.backend.Laps;
import seer.warp.Extension;

/// By marks on the device between the kernels of one kind of work and those of the next.
final class DeviceLaps implements Laps {
    private final Extension extension;
    private final List<Extension.Mark> marks = new ArrayList<>(); // not yet read
    private final List<Integer> parts = new ArrayList<>(); // of what is before each mark but the first
    private final long[] nanos;

    DeviceLaps(Extension extension, int parts) {
        this.extension = extension;
        this.nanos = new long[parts];
        marks.add(extension.mark());
    }

    @Override
    public void lap(int part) {
        marks.add(extension.mark());
        parts.add(part);
    }

    @Override
    public long[] nanos() {
        for (int i = 0; i < parts.size(); i++) {
            nanos[parts.get(i)] += marks.get(i + 1).nanosSince(marks.get(i));
        }
        parts.clear();
        while (marks.size() > 1) {
            marks.removeFirst().close();
        }
        return nanos.clone();
    }

    /// Hands its marks back, those too that nobody has read.
    @Override
    public void close() {
        marks.forEach(Extension.Mark::close);
        marks.clear();
        parts.clear();
    }
}
