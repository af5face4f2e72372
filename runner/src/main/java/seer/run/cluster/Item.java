package seer.run.cluster;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import seer.eval.EvalTask;
import seer.eval.Samples;
import seer.eval.Study;
import seer.eval.plan.ContenderSpec;
import seer.eval.plan.Library;
import seer.eval.plan.TaskSpec;

/// One prompt or window of a task, to be read with some contenders: the part of an evaluation that is handed to another
/// process.
///
/// @param task       as [TaskSpec#text] writes it
/// @param contenders as [ContenderSpec#text] writes them
/// @param place      of the item in the task
public record Item(String task, List<String> contenders, int place) implements Serializable {

    /// Those that some contender has no sample of, in the order in which one process measures them.
    public static List<Item> missing(List<TaskSpec> tasks, List<ContenderSpec> contenders, Library library,
                                     Samples samples) {
        var items = new ArrayList<Item>();
        for (TaskSpec spec : tasks) {
            EvalTask task = library.task(spec);
            for (int place = 0; place < task.items().size(); place++) {
                int at = place;
                var left = contenders.stream().filter(contender -> samples.get(Study.key(task, contender.label(),
                        contender.forced().denseLastRows(), at)) == null).map(ContenderSpec::text).toList();
                if (!left.isEmpty()) {
                    items.add(new Item(spec.text(), left, place));
                }
            }
        }
        return items;
    }
}
