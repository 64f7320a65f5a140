package dev.realnvp.spark.storage;

import dev.realnvp.spark.failure.InvalidInputException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/**
 * What a user's name of a table means, the first of these that there is: the path itself; what the
 * name finds as paths and globs with commas between them; a table of Spark's catalog.
 */
public sealed interface TableSource {

  /**
   * Files and folders of files, at least one, none of them twice or in another.
   *
   * @param base the folder of the table whose partitions they are parts of; empty if they are none
   */
  record Files(List<Place> places, Optional<Path> base) implements TableSource {

    /**
     * Fails if one is not to be read as files: an incomplete folder, or a part of a table of
     * another format.
     *
     * @throws InvalidInputException that says what to do
     */
    public void requirePlain() {
      TableFormats formats = new TableFormats();
      for (Place place : places) {
        try {
          formats.refuse(place);
          if (place.status().isDirectory()) {
            place.location().requireComplete();
          }
        } catch (IOException e) {
          throw place.location().unreadable(e);
        }
      }
    }

    /** The paths, as Spark takes them. */
    public String[] paths() {
      return places.stream()
          .map(place -> place.location().path().toString())
          .toArray(String[]::new);
    }
  }

  /**
   * A file or a folder that exists. There may be a million files, so nothing is asked about each of
   * them that a glob has told.
   */
  record Place(Location location, FileStatus status) {

    private Path folder() {
      return status.isFile() ? location.path().getParent() : location.path();
    }
  }

  record Catalogued(CatalogTable table) implements TableSource {}

  /**
   * Nothing.
   *
   * @param part of the name that finds nothing, if other parts do; else the name
   */
  record Missing(String part) implements TableSource {}

  /**
   * Looks for it.
   *
   * @throws InvalidInputException if a path's file system is not known, if paths are partitions of
   *     several tables, or if Spark cannot use the table's catalog
   */
  static TableSource find(SparkSession spark, String name) throws IOException {
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    Optional<Place> itself = existing(hadoop, name);
    if (itself.isPresent()) {
      return new Files(List.of(itself.get()), Optional.empty());
    }
    List<Place> places = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    for (String part : parts(name)) {
      List<Place> found = new ArrayList<>(existing(hadoop, part).stream().toList());
      if (found.isEmpty() && part.matches(".*[*?\\[{].*")) {
        found.addAll(matches(hadoop, part));
      }
      places.addAll(found);
      if (found.isEmpty()) {
        missing.add(part);
      }
    }
    if (!places.isEmpty()) {
      return missing.isEmpty() ? files(name, places) : new Missing(missing.get(0));
    }
    return CatalogTable.parse(spark, name)
        .filter(CatalogTable::exists)
        .<TableSource>map(Catalogued::new)
        .orElseGet(() -> new Missing(name));
  }

  /** Each file once, however often it is found. */
  private static Files files(String name, List<Place> found) {
    Map<Path, Place> places = new LinkedHashMap<>();
    found.forEach(place -> places.putIfAbsent(place.location().path(), place));
    Set<Path> paths = Set.copyOf(places.keySet());
    places.entrySet().removeIf(at -> isIn(at.getKey(), at.getValue().status().isFile(), paths));
    List<Path> folders = places.values().stream().map(Place::folder).toList();
    List<Path> bases = folders.stream().map(TableSource::base).distinct().toList();
    long partitions = folders.stream().filter(TableSource::isPartition).count();
    if (partitions > 0 && (partitions < folders.size() || bases.size() > 1)) {
      throw new InvalidInputException(
          "%s is in %s: expected folders COLUMN=VALUE of one table, or none: their columns would be lost"
              .formatted(
                  name, bases.stream().map(Location::display).collect(Collectors.joining(", "))));
    }
    return new Files(
        List.copyOf(places.values()),
        partitions > 0 ? Optional.of(bases.get(0)) : Optional.empty());
  }

  /** Whether Spark reads it with another place, as a file or a partition of that. */
  private static boolean isIn(Path path, boolean file, Set<Path> others) {
    return (file || isPartition(path))
        && (others.contains(path.getParent()) || isIn(path.getParent(), false, others));
  }

  private static boolean isPartition(Path folder) {
    return folder.getName().contains("=");
  }

  /** The folder above those of partitions. */
  private static Path base(Path folder) {
    return isPartition(folder) ? base(folder.getParent()) : folder;
  }

  /** The parts between commas, except for those in braces. */
  private static List<String> parts(String name) {
    return Stream.of(name.split(",(?![^{]*})"))
        .map(String::trim)
        .filter(p -> !p.isEmpty())
        .toList();
  }

  private static Optional<Place> existing(Configuration hadoop, String path) throws IOException {
    Location location;
    try {
      location = Location.of(hadoop, path);
    } catch (InvalidInputException e) {
      // A name with a colon, say; but one with a scheme is meant as a path.
      if (path.matches("\\w[\\w+.-]*://[^,]*")) {
        throw e;
      }
      return Optional.empty();
    }
    try {
      return Optional.of(new Place(location, location.fileSystem().getFileStatus(location.path())));
    } catch (FileNotFoundException e) {
      return Optional.empty();
    }
  }

  /** What a glob finds, except for names that Spark's readers pass over. */
  private static List<Place> matches(Configuration hadoop, String glob) throws IOException {
    Location location;
    try {
      location = Location.of(hadoop, glob);
    } catch (InvalidInputException e) {
      return List.of();
    }
    FileStatus[] found = location.fileSystem().globStatus(location.path());
    return found == null
        ? List.of()
        : Stream.of(found)
            .filter(status -> !ParquetFiles.isHidden(status.getPath()))
            .map(status -> new Place(new Location(location.fileSystem(), status.getPath()), status))
            .toList();
  }
}
