package dev.realnvp.damage;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Predicate;
import org.apache.spark.sql.SparkSession;

/** A kind of input: how an undamaged one is made, and how the project reads it. */
enum InputKind {
  IDX(2, ImageInputs::makeIdx, ImageInputs::readFiles, damage -> false),
  PACKED_IDX(
      2,
      ImageInputs::makePackedIdx,
      ImageInputs::readFiles,
      damage -> damage != Damage.SWAPPED_FILES),
  PNGS(2, ImageInputs::makePngs, ImageInputs::readFiles, Damage::isOfBytes),
  IMAGES(2, ImageInputs::makeTable, ImageInputs::readTable, InputKind::leavesAllFiles),
  EMBEDDINGS(2, EmbeddingInputs::makeTable, EmbeddingInputs::readTable, InputKind::leavesAllFiles),
  /** The checkpoints of a training that was interrupted. */
  CHECKPOINTS(
      3, EmbeddingInputs::makeCheckpoints, EmbeddingInputs::readCheckpoints, damage -> true),
  /** A file of settings, as --conf-file takes it. */
  SETTINGS(3, EmbeddingInputs::makeSettings, EmbeddingInputs::readSettings, damage -> false),
  /** With the sum of model.zip in the manifest. */
  MODEL(4, ModelInputs::makeModel, ModelInputs::readModel, damage -> true),
  /** Entries that are damaged inside of a zip that is right. */
  MODEL_ENTRIES(4, ModelInputs::makeEntries, ModelInputs::readEntries, damage -> true),
  /** A flow as a file for other tools. */
  EXPORTED(2, ModelInputs::makeExported, ModelInputs::readExported, damage -> true),
  TABLE_MANIFEST(2, ModelInputs::makeManifest, ModelInputs::readManifest, damage -> true),
  /** With its sum in the flow's manifest. */
  CALIBRATED_FLOW(2, ModelInputs::makeCalibrated, ModelInputs::readCalibrated, damage -> true),
  /** Without a sum: what is read need not be what was written, but is a calibration. */
  CALIBRATION(3, ModelInputs::makeCalibration, ModelInputs::readCalibration, damage -> false);

  /** Makes an undamaged input in an empty folder, the same one whenever it is asked for. */
  @FunctionalInterface
  interface Maker {
    void make(SparkSession spark, Path folder) throws IOException;
  }

  /**
   * Reads an input with the reader that the jobs use, to its end. Returns all that was read, as
   * something with {@code equals}; throws an {@link AssertionError} if that is impossible, say of
   * unequal shapes or not finite, and was not refused.
   */
  @FunctionalInterface
  interface Reader {
    Object read(SparkSession spark, Path folder) throws IOException;
  }

  /** The larger, the more of the cases are of this kind. */
  final int share;

  final Maker maker;
  final Reader reader;

  /**
   * Whether the format has check sums by which this damage is noticed, so that what is read in
   * spite of it has to be the same as of the undamaged input.
   */
  final Predicate<Damage> notices;

  InputKind(int share, Maker maker, Reader reader, Predicate<Damage> notices) {
    this.share = share;
    this.maker = maker;
    this.reader = reader;
    this.notices = notices;
  }

  /** Nothing says which files a table had. */
  private static boolean leavesAllFiles(Damage damage) {
    return damage != Damage.MISSING_FILE && damage != Damage.FOLDER_FOR_FILE;
  }
}
