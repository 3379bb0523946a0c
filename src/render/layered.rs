//! Where the nodes of a directed graph stand: a layered layout (Sugiyama, Tagawa and Toda 1981).
//!
//! Cycles are broken by turning the lines back that close one. Each node comes one layer behind
//! the last of those before it (longest path); a line over several layers goes through a point in
//! each. The nodes of a layer are ordered by the medians of their neighbours, in sweeps, as long
//! as that makes fewer lines cross. At last each node comes as near to the mean of its neighbours
//! as the order and the distance allow: least squares, by pooling adjacent violators.
//!
//! The same graph always gets the same places. docs/decisions/ says why it is ours.

/// Places, in units: one layer to the next, and one node to the next in its layer.
#[derive(Debug)]
pub(super) struct Layout {
    /// The places of the nodes: layer and row.
    pub(super) nodes: Vec<(f64, f64)>,
    /// For each line, the points between its ends.
    pub(super) bends: Vec<Vec<(f64, f64)>>,
    /// How many layers and rows there are.
    pub(super) size: (f64, f64),
}

/// How often orders and places are improved.
const SWEEPS: usize = 8;

/// Lays a graph out. Lines that lead nowhere are left out.
pub(super) fn lay_out(nodes: usize, lines: &[(usize, usize)]) -> Layout {
    let directed = without_cycles(nodes, lines);
    let layer = layers(nodes, &directed);
    let mut graph = Proper::new(layer, &directed);
    graph.order();
    let rows = graph.rows();
    let point = |at: usize| {
        let layer = graph.layer.get(at).copied().unwrap_or(0);
        (number(layer), rows.get(at).copied().unwrap_or(0.0))
    };
    let bends = graph
        .chains
        .iter()
        .zip(&directed)
        .map(|(chain, (_, _, turned))| {
            let mut points: Vec<_> = chain.iter().map(|at| point(*at)).collect();
            if *turned {
                points.reverse();
            }
            points
        });
    let bends = bends.collect();
    let deepest = rows.iter().copied().fold(0.0, f64::max);
    Layout {
        nodes: (0..nodes).map(point).collect(),
        bends,
        size: (number(graph.lists.len()), deepest + 1.0),
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of nodes are small numbers"
)]
fn number(count: usize) -> f64 {
    count as f64
}

/// Lines that form no cycle, and whether each was turned for that.
fn without_cycles(nodes: usize, lines: &[(usize, usize)]) -> Vec<(usize, usize, bool)> {
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        New,
        Open,
        Done,
    }
    let mut next: Vec<Vec<usize>> = vec![Vec::new(); nodes];
    for (from, to) in lines {
        if let Some(list) = next.get_mut(*from).filter(|_| *to < nodes) {
            list.push(*to);
        }
    }
    let mut state = vec![State::New; nodes];
    let mut back = std::collections::BTreeSet::new();
    for root in 0..nodes {
        // Depth first, without recursion: chains may be long.
        let mut stack = vec![(root, 0)];
        while let Some((node, at)) = stack.pop() {
            let known = state.get(node).copied().unwrap_or(State::Done);
            if known == State::Done || (known == State::Open && at == 0) {
                continue;
            }
            let target = next.get(node).and_then(|list| list.get(at)).copied();
            let now = if target.is_some() {
                State::Open
            } else {
                State::Done
            };
            if let Some(slot) = state.get_mut(node) {
                *slot = now;
            }
            let Some(target) = target else { continue };
            stack.push((node, at + 1));
            match state.get(target).copied().unwrap_or(State::Done) {
                State::New => stack.push((target, 0)),
                State::Open => {
                    back.insert((node, target));
                }
                State::Done => {}
            }
        }
    }
    let lines = lines
        .iter()
        .map(|&(from, to)| match back.contains(&(from, to)) {
            true => (to, from, true),
            false => (from, to, false),
        });
    lines.collect()
}

/// The layer of each node: one behind the last of those before it.
fn layers(nodes: usize, lines: &[(usize, usize, bool)]) -> Vec<usize> {
    let mut layer = vec![0_usize; nodes];
    let mut waits = vec![0_usize; nodes];
    let mut next: Vec<Vec<usize>> = vec![Vec::new(); nodes];
    for (from, to, _) in lines.iter().filter(|(from, to, _)| from != to) {
        if let (Some(list), Some(count)) = (next.get_mut(*from), waits.get_mut(*to)) {
            list.push(*to);
            *count += 1;
        }
    }
    let mut ready: Vec<usize> = (0..nodes)
        .filter(|node| waits.get(*node) == Some(&0))
        .collect();
    while let Some(node) = ready.pop() {
        let own = layer.get(node).copied().unwrap_or(0);
        for target in next.get(node).into_iter().flatten() {
            if let (Some(layer), Some(count)) = (layer.get_mut(*target), waits.get_mut(*target)) {
                *layer = (*layer).max(own + 1);
                *count -= 1;
                if *count == 0 {
                    ready.push(*target);
                }
            }
        }
    }
    layer
}

/// A graph whose lines all lead from one layer to the next: long ones go through points.
struct Proper {
    /// The layer of each node, points behind the nodes.
    layer: Vec<usize>,
    /// The nodes of each layer, in order.
    lists: Vec<Vec<usize>>,
    /// Neighbours in the layer before and in the one behind.
    around: [Vec<Vec<usize>>; 2],
    /// The points of each line.
    chains: Vec<Vec<usize>>,
}

impl Proper {
    fn new(layer: Vec<usize>, lines: &[(usize, usize, bool)]) -> Self {
        let mut graph = Self {
            around: [vec![Vec::new(); layer.len()], vec![Vec::new(); layer.len()]],
            layer,
            lists: Vec::new(),
            chains: Vec::new(),
        };
        for &(from, to, _) in lines {
            let (first, last) = (graph.layer.get(from).copied(), graph.layer.get(to).copied());
            let mut chain = Vec::new();
            if let (Some(first), Some(last)) = (first, last)
                && first < last
            {
                let mut before = from;
                for layer in first + 1..last {
                    let point = graph.layer.len();
                    graph.layer.push(layer);
                    graph
                        .around
                        .iter_mut()
                        .for_each(|side| side.push(Vec::new()));
                    graph.join(before, point);
                    chain.push(point);
                    before = point;
                }
                graph.join(before, to);
            }
            graph.chains.push(chain);
        }
        graph.lists = graph.by_depth();
        graph
    }

    fn join(&mut self, from: usize, to: usize) {
        let [before, behind] = &mut self.around;
        if let (Some(before), Some(behind)) = (before.get_mut(to), behind.get_mut(from)) {
            before.push(from);
            behind.push(to);
        }
    }

    /// The layers, in the order in which a walk in depth meets their nodes: what is a tree has no
    /// crossing then.
    fn by_depth(&self) -> Vec<Vec<usize>> {
        let depth = self.layer.iter().max().map_or(0, |deepest| deepest + 1);
        let mut lists = vec![Vec::new(); depth];
        let mut met = vec![false; self.layer.len()];
        let roots = (0..self.layer.len()).filter(|at| self.neighbours(0, *at).is_empty());
        let mut stack: Vec<usize> = roots.collect();
        stack.reverse();
        while let Some(node) = stack.pop() {
            let Some(met) = met.get_mut(node).filter(|met| !**met) else {
                continue;
            };
            *met = true;
            let layer = self.layer.get(node).copied().unwrap_or(0);
            if let Some(list) = lists.get_mut(layer) {
                list.push(node);
            }
            stack.extend(self.neighbours(1, node).iter().rev());
        }
        lists
    }

    fn neighbours(&self, side: usize, node: usize) -> &[usize] {
        let side = self.around.get(side);
        side.and_then(|side| side.get(node))
            .map_or(&[], Vec::as_slice)
    }

    /// The position of each node in its layer.
    fn positions(&self) -> Vec<usize> {
        let mut positions = vec![0; self.layer.len()];
        for list in &self.lists {
            for (position, node) in list.iter().enumerate() {
                if let Some(slot) = positions.get_mut(*node) {
                    *slot = position;
                }
            }
        }
        positions
    }

    /// How many pairs of lines cross.
    fn crossings(&self) -> usize {
        let positions = self.positions();
        let mut count = 0;
        for list in &self.lists {
            let mut ends: Vec<usize> = Vec::new();
            for node in list {
                let mut targets: Vec<usize> = self
                    .neighbours(1, *node)
                    .iter()
                    .filter_map(|target| positions.get(*target).copied())
                    .collect();
                targets.sort_unstable();
                for target in &targets {
                    count += ends.iter().filter(|end| *end > target).count();
                }
                ends.extend(targets);
            }
        }
        count
    }

    /// Orders the layers so that few lines cross.
    fn order(&mut self) {
        let mut fewest = self.crossings();
        let mut best = self.lists.clone();
        for sweep in 0..SWEEPS {
            if fewest == 0 {
                break;
            }
            self.sweep(sweep % 2);
            let crossings = self.crossings();
            if crossings < fewest {
                fewest = crossings;
                best.clone_from(&self.lists);
            }
        }
        self.lists = best;
    }

    /// Orders each layer by the medians of the neighbours on one side.
    fn sweep(&mut self, side: usize) {
        let depth = self.lists.len();
        for step in 0..depth {
            let at = if side == 0 { step } else { depth - 1 - step };
            let positions = self.positions();
            let median = |node: usize| {
                let mut around: Vec<usize> = self
                    .neighbours(side, node)
                    .iter()
                    .filter_map(|other| positions.get(*other).copied())
                    .collect();
                around.sort_unstable();
                around.get(around.len() / 2).copied()
            };
            let Some(list) = self.lists.get(at) else {
                continue;
            };
            let own = |node: usize| positions.get(node).copied().unwrap_or(0);
            let mut keyed: Vec<(usize, usize)> = list
                .iter()
                .map(|node| (median(*node).unwrap_or_else(|| own(*node)), *node))
                .collect();
            keyed.sort_by_key(|(median, _)| *median);
            if let Some(list) = self.lists.get_mut(at) {
                *list = keyed.into_iter().map(|(_, node)| node).collect();
            }
        }
    }

    /// The row of each node.
    fn rows(&self) -> Vec<f64> {
        let mut rows: Vec<f64> = self.positions().into_iter().map(number).collect();
        let depth = self.lists.len();
        for sweep in 0..SWEEPS {
            let side = sweep % 2;
            for step in 0..depth {
                let at = if side == 0 { step } else { depth - 1 - step };
                let Some(list) = self.lists.get(at) else {
                    continue;
                };
                let wanted: Vec<f64> = list
                    .iter()
                    .map(|node| {
                        let around = self.neighbours(side, *node);
                        let row = |node: &usize| rows.get(*node).copied().unwrap_or(0.0);
                        match around.is_empty() {
                            true => row(node),
                            false => around.iter().map(row).sum::<f64>() / number(around.len()),
                        }
                    })
                    .collect();
                for (node, row) in list.iter().zip(apart(&wanted)) {
                    if let Some(slot) = rows.get_mut(*node) {
                        *slot = row;
                    }
                }
            }
        }
        let first = rows.iter().copied().fold(f64::INFINITY, f64::min);
        let first = if first.is_finite() { first } else { 0.0 };
        // To the hundredth: no digit hangs on the order of additions.
        rows.iter()
            .map(|row| ((row - first) * 100.0).round() / 100.0)
            .collect()
    }
}

/// The places nearest to the wanted ones (least squares) that keep the order, one unit apart.
fn apart(wanted: &[f64]) -> Vec<f64> {
    // With its position taken off, each must not be less than the one before: isotonic regression.
    let mut pools: Vec<(f64, usize)> = Vec::new();
    for (position, wanted) in wanted.iter().enumerate() {
        let mut pool = (wanted - number(position), 1_usize);
        while let Some(&(mean, count)) = pools.last() {
            if mean < pool.0 {
                break;
            }
            let sum = mean * number(count) + pool.0 * number(pool.1);
            pool = (sum / number(count + pool.1), count + pool.1);
            pools.pop();
        }
        pools.push(pool);
    }
    let means = pools
        .into_iter()
        .flat_map(|(mean, count)| std::iter::repeat_n(mean, count));
    means
        .enumerate()
        .map(|(position, mean)| mean + number(position))
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{apart, lay_out};

    #[test]
    fn a_flow_is_a_line_and_routes_fan_out() {
        let layout = lay_out(6, &[(0, 1), (1, 2), (1, 3), (1, 4), (3, 5)]);
        let expected = [
            (0.0, 1.0),
            (1.0, 1.0),
            (2.0, 0.0),
            (2.0, 1.0),
            (2.0, 2.0),
            (3.0, 1.0),
        ];
        assert_eq!(layout.nodes, expected);
        assert_eq!(layout.size, (4.0, 3.0));
    }

    #[test]
    fn a_long_line_goes_around_what_stands_between() {
        let layout = lay_out(3, &[(0, 1), (1, 2), (0, 2), (2, 0)]);
        assert_eq!(layout.bends[2].len(), 1);
        let (layer, row) = layout.bends[2][0];
        assert_eq!(layer, 1.0);
        assert!((row - layout.nodes[1].1).abs() >= 1.0);
    }

    #[test]
    fn wanted_places_are_kept_where_they_can_be() {
        assert_eq!(apart(&[0.0, 5.0, 5.0]), [0.0, 4.5, 5.5]);
        assert_eq!(apart(&[3.0, 1.0]), [1.5, 2.5]);
    }

    proptest! {
        #[test]
        fn no_two_nodes_share_a_place_and_lines_lead_on(
            nodes in 1..24_usize,
            lines in prop::collection::vec((0..24_usize, 0..24_usize), 0..40),
        ) {
            let layout = lay_out(nodes, &lines);
            prop_assert_eq!(layout.nodes.len(), nodes);
            prop_assert_eq!(layout.bends.len(), lines.len());
            for (at, one) in layout.nodes.iter().enumerate() {
                prop_assert!(one.0 < layout.size.0 && one.1 >= 0.0 && one.1 < layout.size.1);
                for other in layout.nodes.iter().skip(at + 1) {
                    prop_assert!(one.0 != other.0 || (one.1 - other.1).abs() > 0.98);
                }
            }
            for (from, to) in lines.iter().filter(|(from, to)| from != to && *from < nodes && *to < nodes) {
                prop_assert!(layout.nodes[*from].0 != layout.nodes[*to].0);
            }
        }
    }
}
