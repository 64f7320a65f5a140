package dev.realnvp.jobs.bench;

import com.typesafe.config.Config;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A line of the table.
 *
 * @param measure what was measured
 * @param reading of ours
 * @param other the number it is compared with, PyTorch's or another of ours; NaN where there is
 *     none
 */
record Figure(Measure measure, Reading reading, double other) {

  /**
   * @param peer null where there is none
   */
  static Figure of(Measure measure, Reading reading, Peer peer, Config settings) {
    Map<String, Integer> works = measure.peer(settings);
    double other =
        works.isEmpty() ? reading.other() : peer == null ? Double.NaN : peer.seconds(works);
    return new Figure(measure, reading, other);
  }

  /** NaN where there is nothing to compare with. */
  double ratio() {
    return measure.goal().ratio(reading.ours(), other);
  }

  /** For the JSON file; numbers that there are none of are null. */
  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", measure.name());
    map.put("unit", measure.unit());
    map.put("ours", orNull(reading.ours()));
    map.put("median", orNull(Reading.median(reading.runs())));
    map.put("runs", reading.runs());
    map.put("peer", orNull(other));
    map.put("peer_runs", reading.otherRuns());
    map.put("ratio", orNull(ratio()));
    map.put("target", measure.goal().toString());
    map.put("parts", reading.parts());
    return map;
  }

  private static Double orNull(double number) {
    return Double.isNaN(number) ? null : number;
  }
}
