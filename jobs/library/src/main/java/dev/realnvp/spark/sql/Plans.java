package dev.realnvp.spark.sql;

import java.util.ArrayList;
import java.util.List;
import scala.collection.Seq;

/** Lists as Spark's plans have them, of both Scala versions. */
final class Plans {

  private Plans() {}

  static <T> scala.collection.immutable.List<T> seq(List<? extends T> values) {
    scala.collection.immutable.List<T> all = scala.collection.immutable.List$.MODULE$.empty();
    for (int i = values.size() - 1; i >= 0; i--) {
      all = all.$colon$colon(values.get(i));
    }
    return all;
  }

  static <T> List<T> list(Seq<? extends T> values) {
    List<T> all = new ArrayList<>(values.size());
    for (int i = 0; i < values.size(); i++) {
      all.add(values.apply(i));
    }
    return all;
  }
}
