"""Every operation that a loss may ask for, at least once, in as few words as it takes.

In each, `x` are log-probabilities, `w` numbers of both signs, `m` a table of four columns, `c` one of its columns as a
table, `i` integers from 0 to 3, `b` a mask. None of them holds two equal values, and none lies where a slope jumps.
"""

EXPRESSIONS = """
x + w | x - w | x * w | x / w | x + 1 | 2 - x | 3 / x | -x | +x | abs(x) | x ** 2 | 2 ** x | w.abs() ** x | x @ w | m @ m.T | x @ m
torch.add(x, w, alpha=3) | torch.sub(x, w, alpha=2) | torch.rsub(x, w) | torch.mul(x, 2) | torch.div(x, w) | torch.true_divide(x, 2)
x.detach() // 1 + x | x % 0.7 | torch.remainder(x, w) | torch.fmod(x, w) | torch.div(x, w, rounding_mode="floor") + x
torch.div(x, w, rounding_mode="trunc") + x | torch.floor_divide(i, 2) * x | i // 2 * x | i % 2 * x | torch.pow(x, 3) | x.pow(2.0)
torch.exp(x) | x.exp2() | torch.expm1(x) | (-x).log() | (-x).log2() | (-x).log10() | torch.log1p(w.abs()) * x | torch.sqrt(-x)
torch.rsqrt(-x) | x.reciprocal() | x.square() | torch.sigmoid(w + x) | torch.special.expit(x) | torch.tanh(x) | x.sinh() | x.cosh()
torch.sin(x) | torch.cos(x) | torch.tan(x) | torch.asin(x.exp() * 0.9) | torch.acos(x.exp() * 0.9) | x.atan() | torch.erf(x + w)
torch.erfc(3 * w + x) | torch.sign(w) * x | x.floor() + x | x.ceil() + x | torch.round(x) + x | x.trunc() + x | x.frac()
torch.where(torch.isnan(w / w), x, x * w) | torch.isfinite(w).float() * x | torch.isinf(1 / b.float()).float() * x | torch.logical_not(b) * x
torch.nan_to_num(torch.where(b, x, -math.inf), posinf=3.0, neginf=-7.0) | F.relu(w + x) | F.relu6(w - x) | F.hardtanh(x + w) | F.leaky_relu(x + w + 1, 0.2)
F.elu(x + 1, alpha=0.7) | F.silu(x + w) | F.gelu(x + w) | F.softsign(x) | F.logsigmoid(w - x) | F.softplus(x + w) | F.softplus(9 * (w - x), beta=2, threshold=10)
torch.minimum(x, w) | torch.maximum(x, w) | torch.max(x, w) | torch.min(x, w - 1) | x.clamp(-2, -1) | torch.clamp(x, max=-1.5) | x.clamp_min(-2)
x.clamp_max(-1) | torch.clip(x, -3.0, -0.5) | torch.clamp(x, min=w - 2) | torch.lerp(x, w, 0.3) | torch.logaddexp(x, w) | torch.xlogy(w.abs(), -x)
torch.dot(x, w) | torch.outer(x, w) | torch.mv(m, m[0]) + x | torch.mm(m.T, m) @ m[1] * x.sum() | torch.matmul(m.T, x)
(x == w) * x | (x != w) * x | (x < w) * x | (x <= w) * x | (x > w) * x | (x >= w) * x | torch.eq(i, 1) * x | torch.gt(w, 0) * x | torch.lt(x, w).float() * x
(b & (i > 0)) * x | (b|(i > 2)) * x | (b ^ (i > 0)) * x | ~b * x | torch.logical_and(b, i) * x | torch.logical_or(b, i) * x
torch.logical_xor(b, i) * x | (i & 1) * x | (i|4) * x | (i ^ 1) * x | ~i * x | torch.bitwise_and(i, 2) * x
x.sum() | m.sum(0) + x.sum() | m.sum(dim=1) * x | m.sum((0, 1)) * x | m.sum(-1, keepdim=True) * c * x.sum() | i.sum() * x | b.sum() * x | b.sum(dtype=torch.float32) / 3 * x
x.mean() | (m * c).mean(1) * x | m.mean(dim=(0, 1)) * x | x.prod() | (m * x[:, None]).prod(1) | torch.where(b, x, 0.0).prod() + x.sum() | x.amax() + w * x
(m * x[:, None]).amax(1) | (m * x[:, None]).amin(dim=0, keepdim=True) | x.var() | x.std() | (m * x[:, None]).var(1) | torch.std(x, unbiased=False) | x.var(False)
torch.var(m * x[:, None], dim=0, correction=0) | torch.std(m * x[:, None], 1, keepdim=True) | torch.any(b) * x | (m > 0).any(1) * x | torch.all(b) * x | (m > -2).all(dim=0).sum() * x
torch.count_nonzero(b) * x | torch.logsumexp(x, 0) | (m * x[:, None]).logsumexp(-1, keepdim=True) | torch.logsumexp(m * x[:, None], dim=(0, 1))
torch.softmax(x, 0) | F.softmax(m * x[:, None], dim=1) | F.softmin(x, dim=0) | x.log_softmax(-1) | torch.log_softmax(m * x[:, None], 0) | torch.norm(x) | x.norm(p=1)
torch.norm(m * x[:, None], dim=1) | torch.linalg.vector_norm(x, ord=2) | torch.linalg.vector_norm(x, ord=float("inf")) | x.cumsum(0) | torch.cumsum(m * x[:, None], dim=1) | torch.cumsum(b, 0) * x
x.max() | x.min() | (m * x[:, None]).max(dim=1).values | (m * x[:, None]).min(0)[0] | (m * x[:, None]).max(1, keepdim=True)[0] | m.max(1).indices * x | torch.argmax(m, dim=1) * x
m.argmin(0).sum() * x | m.argmax() * x | x.sort().values * w | x.sort(descending=True)[0] * w | torch.sort(m * x[:, None], dim=0).values * m | x.argsort() * x | torch.topk(x, 3).values
(m * x[:, None]).topk(2, dim=1, largest=False).values | (m * x[:, None]).gather(1, i[:, None]) | torch.gather(m, 1, i.unsqueeze(1)).squeeze(1) * x | torch.take_along_dim(m * x[:, None], i[:, None], dim=1)
torch.index_select(m * x[:, None], 1, i) | x.index_select(0, i)
x.reshape(2, -1) * w.view(2, 3) | x.view(-1, 2).sum(0) | torch.reshape(x, (3, 2)) | x.view_as(w) * w | m.flatten() * 2 + x.sum() | (m * x[:, None]).flatten(0, 1) | x[None].squeeze() * w | x[:, None].squeeze(1) * w
x.unsqueeze(0) * w.unsqueeze(-1) | torch.unsqueeze(x, 1) * m | m.transpose(0, 1) * x | m.t() * x | (m * x[:, None]).permute(1, 0) * m.T | torch.permute(m, (1, 0)) * x | m.mT * x
x.expand(2, 6) * w | x.expand(2, -1) | x.unsqueeze(1).expand(-1, 3) | torch.broadcast_to(x, (3, 6)) * w | x.unsqueeze(1).expand_as(m) * m | x.repeat(2) | x.repeat(2, 1) * w | x.flip(0) * w | (m * x[:, None]).flip(0, 1) * m
x.roll(2) * w | torch.roll(m * x[:, None], -1, 0) * m | torch.stack([x, w]) | torch.stack((x, w, x * w), dim=1) | torch.cat([x, w]) * 2 | torch.cat((m, m * x[:, None]), dim=1) | torch.concat([x[:2], x[3:]])
x.unbind(0)[2] * w | (m * x[:, None]).unbind(1)[1] | x.split(4)[1] | x.chunk(4)[0] * 3 | torch.split(m * x[:, None], 3, dim=1)[0] | x.narrow(0, 1, 3) | torch.diff(x) | torch.diff(m * x[:, None])
x[0] * w | x[-2] * w | x[1:4] | x[::2] | x[-3:] | x[:-1] * w[1:] | (m * x[:, None])[:, 1] | (m * x[:, None])[2] | (m * x[:, None])[1:, ::3] | (m * x[:, None])[..., -1] | x[None, :, None] | x[b] | (m * x[:, None])[b]
(m * x[:, None])[m > 0] | x[i] | (m * x[:, None])[i] | (m * x[:, None])[:, i] | (m * x[:, None])[torch.arange(x.shape[0]), i] | (m * x[:, None])[b, 0] | (m * x[:, None])[i, 1:3] | x[[0, 2, -1]] | (m * x[:, None])[None, i, :, None]
(m * x[:, None])[i[:, None], i] | (x[:, None] * x)[b][:, b] | torch.masked_select(x, b) | x.masked_fill(b, 2.5) | torch.where(b, x, w) | torch.where(w > 0, x, -1.0) | torch.where(b[:, None], m, x[:, None]) | torch.tril(m * x[:, None]) | torch.triu(m * x[:, None], diagonal=1)
F.pad(x, (1, 2)) * 2 | F.pad(m * x[:, None], (0, 1, 2, 0), value=1.5) | torch.zeros_like(x) + x | torch.ones_like(i) * x | torch.full_like(x, 2) * x | torch.zeros(x.shape[0]) + x | torch.ones(2, x.size(0)) * x | torch.full((x.size(0),), 0.5) * x | x.new_zeros(6) + x
x.new_ones((2, 6)) * x | x.new_full((6,), 3.0) * x | torch.arange(0, x.numel()) * x | torch.arange(1, x.numel() + 1, dtype=torch.float32) * x | torch.arange(0.0, x.numel() / 2, 0.5) * x | torch.arange(x.shape[0]) / x.numel() * x | F.one_hot(i) * x[:, None] | F.one_hot(i, 5).sum(0).sum() * x
i.float() * x | w.long() * x | w.int() * x | w.bool() * x | i.double() * x | b.type_as(x) * x | i.to(torch.float32) * x | w.to(dtype=torch.int64) * x | b.to(x) * x | b.to(x.dtype) * x | i.type(torch.float32) * x | x.detach() * x
x.clone() * w | x.contiguous() * w | m.T.contiguous() * x | x.data * x | x.size(0) * x | m.size()[1] * x | m.shape[-1] * x | m.shape[0:2][1] * x | x.dim() * x | m.ndim * x | x.numel() * x | x / x.shape[0] ** 0.5 | x * math.pi | x * math.log(m.shape[1]) | x / math.sqrt(x.shape[0])
x.is_floating_point() * x | (i.double().mean() + 1) * x | F.mse_loss(x, w) | F.mse_loss(x, w, reduction="none") | F.l1_loss(x, w, reduction="sum") | F.smooth_l1_loss(x, w) | F.smooth_l1_loss(x, w, beta=2.0) | F.huber_loss(x, w, delta=0.7)
F.kl_div(x, w.abs(), reduction="batchmean") | F.kl_div(x, w, reduction="sum", log_target=True) | F.kl_div(x, b.float(), reduction="mean") | F.binary_cross_entropy_with_logits(x + w, b.float()) | torch.sum(x, dim=0, keepdim=True) * w | torch.mean(x, axis=0)
torch.sqrt(x.square().sum()) * torch.log(torch.abs(w)) | (x - x.max().detach()).exp() / (x - x.max().detach()).exp().sum() | x[x.argmax()] * w | torch.ones(x.shape) * x | x.new_zeros(x.size()) + x
"""

EACH = [expression.strip() for line in EXPRESSIONS.strip().splitlines() for expression in line.split(" | ")]
